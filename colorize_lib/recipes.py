"""Recipes: every named experiment as data (taught in chapter 07).

A recipe says which system learns from which photographs, how, and for how long.
`training` runs it, `results` measures it, `zoo` keeps its weights.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from colorize_lib import data, systems
from colorize_lib.data.batches import NONE, Augmentation, Batches
from colorize_lib.networks import Model
from colorize_lib.networks.efficientnet import IMAGENET
from colorize_lib.settings import require_choice, require_least
from colorize_lib.systems.base import System
from colorize_lib.systems.chromagan import ChromaGAN
from colorize_lib.systems.classification import Classification
from colorize_lib.systems.conditional_gan import ConditionalGAN
from colorize_lib.systems.cyclegan import CycleGAN
from colorize_lib.systems.regression import EnlargedRegression, Gray, PaperRegression, Regression
from colorize_lib.systems.semantic_fusion import SemanticFusion

# Fields that had other names in files of earlier versions.
RENAMED = {"share": "training_fraction", "start": "initial_weights", "keep": "kept_epoch"}


@dataclass(frozen=True)
class Recipe:
    """One experiment. Sizes are pixels a side, of square photographs.

    Raises a ValueError if a setting is none of those there are: a mistyped one would train something else.
    """

    name: str
    about: str
    system: System = field(default_factory=Gray)  # with its options
    source: str = "landscape"
    size: int = data.SIZE
    optimizer: str = "adam"
    learning_rate: float = 1e-3  # under a schedule the highest
    schedule: str = "constant"  # or "cosine": up over the first 5 % of the steps, then down to 0
    weight_decay: float = 0.0
    # After each step: average = momentum * average + (1 - momentum) * weights, begun with the weights after the first
    # step. The average is kept; 0: none.
    ema_momentum: float = 0.0
    epochs: int = 50
    batch_size: int = 50
    augmentation: Augmentation = NONE
    stored_size: int = data.SIZE  # what crops are cut from
    training_fraction: float = 1.0  # of the training photographs: the first ones
    epochs_per_pass: int = 1  # a pass over these is cut into so many epochs, after each of which a run is kept
    initial_weights: str = ""  # the recipe whose shipped weights the run begins with; empty: random ones
    kept_epoch: str = "last"  # whose weights are kept: "last", or "best" on validation
    precision: str = "float32"  # a Keras policy, or "fastest": measured when the run begins
    jit: bool | None = None  # compiled by XLA; None: as Keras decides
    seed: int = 1
    seeds: int = 1  # how many runs: with this seed, whose weights are kept, and with the next ones

    def __post_init__(self) -> None:
        """Check the settings."""
        choices: dict[str, Collection[str]] = {
            "optimizer": ("adam", "adamw"),
            "schedule": ("constant", "cosine"),
            "kept_epoch": ("last", "best"),
        }
        if self.learns:
            choices["precision"] = (*self.system.precisions, "fastest")
        for setting, known in choices.items():
            where = f"recipe '{self.name}' of the system '{self.system.name}': {setting} is"
            require_choice(where, getattr(self, setting), known)
        least = {"size": 1, "stored_size": 1, "epochs": 0, "batch_size": 1, "epochs_per_pass": 1, "seeds": 1}
        require_least(f"recipe '{self.name}'", self, least)
        if not 0 < self.training_fraction <= 1:
            raise ValueError(
                f"recipe '{self.name}': training_fraction is {self.training_fraction}; expected above 0, at most 1."
            )
        if not 0 <= self.ema_momentum < 1:
            raise ValueError(
                f"recipe '{self.name}': ema_momentum is {self.ema_momentum}; expected 0 or more, and less than 1."
            )
        if self.ema_momentum and not self.system.one_loss:
            raise ValueError(
                f"recipe '{self.name}': '{self.system.name}' trains several networks; expected ema_momentum 0."
            )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that `to_json` made JSON of, in this version of the course or in an earlier one.

        What the file lacks takes its default; fields that have another name now are followed. A ValueError names
        fields that this version doesn't know.
        """
        values = {RENAMED.get(name, name): value for name, value in stored.items()}
        system = systems.find(values.pop("system"), values.pop("options", {}))
        unknown = sorted(values.keys() - _names(cls)) + sorted(
            values.get("augmentation", {}).keys() - _names(Augmentation)
        )
        if unknown:
            raise ValueError(
                f"recipe '{values.get('name')}': this version of the course knows no {', '.join(unknown)}; "
                "a newer one wrote that. Install it."
            )
        augmentation = values.get("augmentation", {})
        return cls(**values | {"system": system, "augmentation": Augmentation(**augmentation)})

    def to_json(self) -> dict[str, Any]:
        """Return the recipe as JSON has it: scalars, and the system's ``options`` and the augmentation as objects."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "system": self.system.name,
            "options": self.system.options(),
            "augmentation": asdict(self.augmentation),
        }

    @property
    def learns(self) -> bool:
        """Whether there is anything to train."""
        return self.system.has_network and bool(self.epochs)

    def require_training(self) -> None:
        """Raise a ValueError if there is nothing to train."""
        if not self.learns:
            raise ValueError(f"recipe '{self.name}' learns nothing ({self.about}); there is nothing to train.")

    def batches(self, photographs: data.Photographs) -> Batches:
        """Return the batches on which the recipe trains."""
        x, y = self.system.training_arrays(photographs, compact=True)
        return Batches(
            x,
            y,
            self.batch_size,
            self.seed,
            self.augmentation,
            size=self.system.training_side(self.size),
            parts=self.epochs_per_pass,
            beside=self.system.beside(x, self.size),
        )

    def require_one_loss(self, what: str) -> None:
        """Raise a ValueError unless the recipe learns by one loss alone, which `what` asks for."""
        if not self.system.one_loss:
            raise ValueError(
                f"recipe '{self.name}': its system '{self.system.name}' trains several networks, and that is not "
                f"supported on {what}; train it on one device of one machine."
            )

    @property
    def weights_name(self) -> str:
        """The recipe whose weights serve: its own, or those it begins with and leaves as they are."""
        return self.name if self.learns else self.initial_weights

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer, for `size` or for any size."""
        return self.system.build(size)

    def training_subset(self, photographs: data.Photographs) -> data.Photographs:
        """Return those of the training photographs that the recipe sees: the first ones, by its fraction."""
        return photographs.select(slice(round(self.training_fraction * len(photographs))))


def _names(kind: type) -> set[str]:
    """Return the names of a dataclass's fields."""
    return {one.name for one in fields(kind)}


GRAY = Recipe("gray", "the photograph unchanged: L with a = b = 0", Gray(), epochs=0)
PAPER = Recipe(
    "paper",
    "the paper's network with the settings of the notebook behind it",
    PaperRegression(),
    kept_epoch="best",
)
# Its relatives differ in one thing, and may be trained in the precision that is fastest on the device at hand.
RELATIVE = replace(PAPER, precision="fastest")
OURS = Recipe(
    "ours",
    "a residual U-Net from L to a and b",
    Regression(),
    optimizer="adamw",
    weight_decay=0.01,
    schedule="cosine",
    epochs=48,
    batch_size=32,
    augmentation=Augmentation(crop_and_flip=True, gamma=0.15),
    stored_size=144,
    precision="fastest",
)
# Trained as `ours`, but begun with an encoder that has learned to name what a million photographs show.
PRETRAINED = replace(
    OURS, system=Regression("efficientnet_unet"), initial_weights=IMAGENET, epochs=10, learning_rate=4e-4
)
ENLARGED = replace(
    PRETRAINED,
    initial_weights="pretrained",
    epochs=18,
    weight_decay=0.05,
    augmentation=Augmentation(crop_and_flip=True, gamma=0.2, smallest=0.5),
    stored_size=150,  # as they are in the data set
    system=EnlargedRegression("efficientnet_unet", loss="negative_psnr"),
)
# Nothing is learned: 95 % of the truth's colorfulness on validation, and the curve's power is the one that has the
# lowest CIEDE2000 there. Whatever claims vivid colors is set beside these rows.
SCALED = replace(PRETRAINED, initial_weights="pretrained", epochs=0)
# Begun with what `pretrained` knows at a quarter of the size.
CLASSIFICATION = replace(PRETRAINED, system=Classification(), initial_weights="pretrained", epochs=2)
# Begun where `pretrained` ended: 75 steps an epoch, of which the first 3 are the critic's alone. Which epoch is kept is
# decided by `conditional_gan.choice`, written down before the first run: not the one of the best PSNR.
PIX2PIX = replace(
    PRETRAINED,
    system=ConditionalGAN(warm_up=225),
    initial_weights="pretrained",
    optimizer="adam",
    weight_decay=0.0,
    schedule="constant",
    learning_rate=5e-5,
    batch_size=16,
    epochs=18,
    epochs_per_pass=5,
    kept_epoch="best",
    precision="float32",
)
# As published, but for the network, its start and the number of steps: see chapter 23.
NAZERI = ConditionalGAN(
    game="entropy",
    l1=100.0,
    critic_rate=3e-5,
    beta_1=0.0,
    smoothing=0.9,
    colorizer_steps=2,
    receptive_field=70,
    paints_lightness=True,
)
DCGAN = replace(
    PIX2PIX,
    system=NAZERI,
    learning_rate=3e-4,
    epochs=4,
)
# Small enough to be run several times; `critic_trials` measures them. The same steps, but at half the size.
SMALL_CRITIC = ConditionalGAN(warm_up=150)
SMALL_PIX2PIX = replace(PIX2PIX, system=SMALL_CRITIC, size=64, stored_size=72, epochs=4, kept_epoch="last")
# At 32 pixels, the size of CIFAR-10's pictures, the critic of 70 sees whole photographs.
SMALL_DCGAN = replace(DCGAN, size=32, stored_size=36, epochs=6, kept_epoch="last")
# Begun where `pretrained` ended, too; its class branch adds nothing before it learns. As published, but for the network
# and the rates, which were chosen on validation at 64 pixels a side: see the training log. Which epoch is kept is
# decided by `conditional_gan.choice`, written down before the first run.
CHROMAGAN = replace(
    PIX2PIX,
    system=ChromaGAN(critic_rate=3e-4),
    learning_rate=3e-4,
    batch_size=10,
    epochs=6,
    epochs_per_pass=6,  # 100 steps an epoch
)
# From random weights. Which epoch is kept is decided by `conditional_gan.choice`, too. The floor was set before the
# first run: 1 dB below the gray photograph on validation at this size.
CYCLEGAN = Recipe(
    "cyclegan",
    "learned from gray and from color photographs of different places, by a cycle and two critics (Xiao et al. 2019)",
    CycleGAN(),
    size=64,
    stored_size=72,
    learning_rate=2e-4,
    epochs=6,
    epochs_per_pass=2,  # 375 steps an epoch
    batch_size=4,
    augmentation=Augmentation(crop_and_flip=True),
    kept_epoch="best",
)
# One network, begun where `ours` ended: only the loss differs.
FURTHER = replace(OURS, initial_weights="ours", epochs=3, learning_rate=3e-4, seeds=3)
# Nothing is learned: the curve was chosen on validation, both rows for the same colorfulness there.
VIVID = replace(OURS, initial_weights="ours", epochs=0)
# Small enough to be run many times; every run takes the same number of steps.
SMALL = replace(OURS, system=Regression("unet_half"), size=64, stored_size=72, epochs=12, seeds=3)
# At a constant rate of 1e-3 this network stays at the gray answer (see the training log).
SMALL_LONG = replace(
    SMALL,
    schedule="constant",
    learning_rate=3e-4,
    augmentation=NONE,
    stored_size=64,
    training_fraction=0.1,
    epochs=150,
)

# What a classifier's embedding is worth: the same network with and without it. At 64 pixels a side the classifier sees
# next to nothing, so it is shown twice as many.
SMALL_FUSION = replace(SMALL, system=SemanticFusion(enlarge=2), epochs=4, precision="float32")

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        GRAY,
        replace(
            RELATIVE,
            name="plain",
            about="the paper's encoder and decoder without concatenation",
            system=PaperRegression("plain"),
        ),
        PAPER,
        replace(
            RELATIVE,
            name="paper_l2",
            about="the paper's network with the L2 loss that its text talks about",
            system=PaperRegression(loss="l2"),
        ),
        OURS,
        replace(
            OURS,
            name=IMAGENET,
            about="where pretrained begins: its encoder is ImageNet's, and every photograph stays gray",
            system=Regression("efficientnet_unet"),
            initial_weights=IMAGENET,
            epochs=0,
        ),
        replace(
            PRETRAINED,
            name="pretrained",
            about="from L to a and b, begun with an encoder that has learned to name what ImageNet's photographs show",
        ),
        replace(
            PRETRAINED,
            name="pretrained_decibels",
            about="pretrained, trained further with the mean PSNR itself as its loss",
            initial_weights="pretrained",
            epochs=8,
            system=Regression("efficientnet_unet", loss="negative_psnr"),
        ),
        replace(
            ENLARGED,
            name="pretrained_enlarged",
            about="pretrained, trained further on enlarged photographs with the mean PSNR itself as its loss",
        ),
        replace(
            ENLARGED,
            name="pretrained_averaged",
            about="pretrained_enlarged, trained further with rectangles pasted, the moving average of its weights kept",
            initial_weights="pretrained_enlarged",
            epochs=10,
            learning_rate=3e-4,
            augmentation=replace(ENLARGED.augmentation, cutmix=0.25),
            ema_momentum=0.998,
            kept_epoch="best",
        ),
        replace(
            PRETRAINED,
            name="old",
            about="pretrained, trained further on photographs whose gray was made to look old",
            initial_weights="pretrained",
            epochs=2,
            augmentation=replace(PRETRAINED.augmentation, aging=1.0),
        ),
        replace(
            PRETRAINED,
            name="pretrained_control",
            about="the network of pretrained, trained in the same way from random weights",
            initial_weights="",
        ),
        replace(
            SCALED,
            name="pretrained_scaled",
            about="pretrained, all chroma multiplied by a constant",
            system=Regression("efficientnet_unet", chroma_gain=1.47),
        ),
        replace(
            SCALED,
            name="pretrained_vivid",
            about="pretrained, chroma raised by a curve: more where it is vivid",
            system=Regression("efficientnet_unet", chroma_gain=1.42, chroma_power=1.45),
        ),
        replace(
            CLASSIFICATION,
            name="classification",
            about="the odds of each color, rare colors weighing more (after Zhang, Isola and Efros 2016)",
        ),
        replace(
            CLASSIFICATION,
            name="classification_plain",
            about="the odds of each color, all colors weighing alike",
            system=Classification(uniform=1.0),
        ),
        replace(
            PIX2PIX,
            name="pix2pix",
            about="pretrained, trained further by L1 and against a critic of patches (after Isola et al. 2017)",
        ),
        replace(
            PIX2PIX,
            name="pix2pix_longer",
            about="pix2pix for four times as many steps: what becomes of its colors",
            epochs=72,
        ),
        replace(
            PIX2PIX,
            name="pix2pix_control",
            about="pretrained, trained further by L1 alone, for as many steps as in pix2pix",
            system=Regression("efficientnet_unet"),
            epochs=15,
            kept_epoch="last",
        ),
        replace(
            DCGAN,
            name="dcgan",
            about="pretrained, trained further to paint Lab's three channels against a critic (Nazeri et al. 2018)",
        ),
        *(
            replace(
                SMALL_PIX2PIX,
                name=f"small_pix2pix_{pixels}",
                about=f"pix2pix at 64 pixels a side, against a critic of patches of {pixels}",
                system=replace(SMALL_CRITIC, receptive_field=pixels),
            )
            for pixels in (16, 34, 70)
        ),
        replace(
            SMALL_PIX2PIX,
            name="small_pix2pix_control",
            about="small_pix2pix_34 by L1 alone: its critic learns, and nobody listens",
            system=replace(SMALL_CRITIC, fooling=0.0),
        ),
        replace(
            SMALL_DCGAN,
            name="small_dcgan",
            about="dcgan at 32 pixels a side",
        ),
        replace(
            SMALL_DCGAN,
            name="small_dcgan_control",
            about="small_dcgan by L1 alone: its critic learns, and nobody listens",
            system=replace(NAZERI, fooling=0.0),
        ),
        replace(
            CHROMAGAN,
            name="chromagan",
            about="pretrained, trained further by L2, a teacher's classes and a critic (after Vitoria et al. 2020)",
        ),
        *(
            replace(
                CHROMAGAN,
                name=f"chromagan_no_{left_out}",
                about=f"chromagan without its {left_out}, trained as long",
                system=replace(CHROMAGAN.system, **{option: 0.0}),
            )
            for left_out, option in (("critic", "fooling"), ("classes", "classes"))
        ),
        CYCLEGAN,
        *(
            replace(
                CYCLEGAN,
                name=f"cyclegan_no_{loss}",
                about=f"cyclegan without its {loss} loss",
                system=replace(CYCLEGAN.system, **{loss: 0.0}),
                epochs=3,
            )
            for loss in ("cycle", "color", "identity")
        ),
        replace(
            CYCLEGAN,
            name="cyclegan_pairs",
            about="the generator of cyclegan, trained by L1 on photographs that it sees in gray and in color",
            system=CycleGAN(paired=True),
        ),
        replace(FURTHER, name="ours_l1", about="ours trained further with its own loss, to compare the next ones with"),
        replace(FURTHER, name="ours_l2", about="ours trained further with the L2 loss", system=Regression(loss="l2")),
        replace(
            FURTHER, name="ours_huber", about="ours trained further with Huber's loss", system=Regression(loss="huber")
        ),
        replace(
            FURTHER,
            name="ours_perceptual",
            about="ours trained further with L1 and what a network sees in the colors",
            system=Regression(loss="perceptual"),
        ),
        replace(
            VIVID,
            name="ours_scaled",
            about="ours, all chroma multiplied by a constant",
            system=Regression(chroma_gain=1.45),
        ),
        replace(
            VIVID,
            name="ours_vivid",
            about="ours, chroma raised by a curve: more where it is vivid",
            system=Regression(chroma_gain=1.42, chroma_power=1.3),
        ),
        *(
            replace(
                SMALL,
                name=f"small_{percent}",
                about=f"half as wide, on {percent} % of the training photographs",
                training_fraction=percent / 100,
                epochs=SMALL.epochs * 100 // percent,
            )
            for percent in (10, 25, 50, 100)
        ),
        replace(
            SMALL_LONG,
            name="small_long",
            about="half as wide, on 10 % of the training photographs, long, at a constant rate, no augmentation",
        ),
        replace(
            SMALL_FUSION,
            name="small_fusion",
            about="half as wide, with the embedding of a frozen classifier in its bottleneck",
        ),
        replace(
            SMALL_FUSION,
            name="small_fusion_control",
            about="the network of small_fusion without the embedding",
            system=SemanticFusion(hears=False),
        ),
        replace(
            SMALL_FUSION,
            name="fusion",
            about="half as wide, a classifier's embedding fused in (after Baldassarre et al. 2017)",
            system=SemanticFusion(),
            size=data.SIZE,
            stored_size=OURS.stored_size,
            initial_weights="small_fusion",
            epochs=5,
            seeds=1,
        ),
    )
}


def find(name: str) -> Recipe:
    """Return the recipe called `name`; a ValueError lists the names there are."""
    require_choice("there is no recipe", name, RECIPES)
    return RECIPES[name]
