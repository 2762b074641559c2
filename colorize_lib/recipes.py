"""Recipes: every named experiment as data (taught in chapter 07).

A recipe says which network learns from which photographs, how, and for how long.
`training` runs it, `results` measures it, `zoo` keeps its weights.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from colorize_lib import data, losses, models, pretrained
from colorize_lib.color import CHROMA_SCALE, as_uint8, enliven, lab_to_rgb, luminance, merge

NETWORKS = models.MODELS | {"pretrained": pretrained.network}
STRIDES = models.STRIDES | {"pretrained": pretrained.STRIDE}


@dataclass(frozen=True)
class Recipe:
    """One experiment.

    `colors` says what the network sees and gives: ``rgb`` is the paper's way (gray as
    three equal channels to R, G, B), ``lab`` ours (L to a and b).
    """

    name: str
    about: str
    model: str  # a key of NETWORKS; empty: nothing is learned
    colors: str = "rgb"
    source: str = "landscape"
    size: int = data.SIZE
    loss: str = "l1"  # see losses.find
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"  # or "cosine": up over the first 5 % of the steps, then down to 0
    weight_decay: float = 0.0
    epochs: int = 50
    batch_size: int = 50
    augment: bool = False  # crops of 65-100 % of the sides, a little stretch, flips
    gamma: float = 0.0  # spread of the gamma jitter of L
    stored_size: int = data.SIZE  # what crops are cut from
    share: float = 1.0  # of the training photographs: the first ones
    start: str = ""  # the recipe whose shipped weights the run begins with; empty: random ones
    keep: str = "last"  # the epoch whose weights are kept: "last", or "best" on validation
    gain: float = 1.0  # what chroma is multiplied by after the network, see `color.enliven`
    power: float = 1.0
    precision: str = "float32"  # a Keras policy, or "fastest": measured when the run begins
    jit: bool | None = None  # compiled by XLA; None: as Keras decides
    seed: int = 1
    seeds: int = 1  # how many runs: with this seed, whose weights are kept, and with the next ones

    def __post_init__(self) -> None:
        """Raise a ValueError if a setting is none of those there are: a mistyped one would train something else."""
        choices: dict[str, Collection[str]] = {
            "model": ("", *NETWORKS),
            "colors": ("rgb", "lab"),
            "loss": (*losses.LOSSES, "perceptual"),
            "optimizer": ("adam", "adamw"),
            "schedule": ("constant", "cosine"),
            "keep": ("last", "best"),
        }
        for setting, known in choices.items():
            found = getattr(self, setting)
            if found not in known:
                raise ValueError(
                    f"recipe '{self.name}': {setting} is {found!r}; expected one of: "
                    f"{', '.join(one for one in known if one)}."
                )
        if self.colors == "rgb" and self.loss in ("decibels", "perceptual"):
            raise ValueError(f"recipe '{self.name}': the loss {self.loss!r} is one of a and b; expected colors 'lab'.")

    @property
    def learns(self) -> bool:
        """Whether there is anything to train."""
        return bool(self.model and self.epochs)

    def require_training(self) -> None:
        """Raise a ValueError if there is nothing to train."""
        if not self.learns:
            raise ValueError(f"recipe '{self.name}' learns nothing ({self.about}); there is nothing to train.")

    @property
    def weights(self) -> str:
        """The recipe whose weights serve: its own, or those it starts from and leaves as they are."""
        return self.name if self.learns else self.start

    def build(self, size: int | None = None) -> Any:
        """Return the untrained keras.Model, for `size` or for any size."""
        if not self.model:
            raise ValueError(f"recipe '{self.name}' has no network: {self.about}.")
        return NETWORKS[self.model](size)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return STRIDES[self.model] if self.model else 1

    def learned_from(self, photographs: data.Photographs) -> data.Photographs:
        """Return those of the training photographs that the recipe sees: the first ones, by its share."""
        return photographs.select(slice(round(self.share * len(photographs))))

    def arrays(self, photographs: data.Photographs) -> tuple[np.ndarray, np.ndarray]:
        """Return what the network sees and what the loss compares with, float32 [N, size, size, channels]."""
        return data.rgb_arrays(photographs) if self.colors == "rgb" else self._lab_arrays(photographs, "float32")

    def _lab_arrays(self, photographs: data.Photographs, dtype: str) -> tuple[np.ndarray, np.ndarray]:
        """Return L, and a and b, with L before them for the loss that makes pictures of them."""
        x, y = data.lab_arrays(photographs, dtype)
        return x, np.concatenate([x, y], axis=-1) if self.loss == "decibels" else y

    def compact(self, photographs: data.Photographs) -> tuple[np.ndarray, np.ndarray]:
        """Return the same in a quarter or half of the memory, for `Batches`: uint8 R, G, B, or float16 L and ab."""
        if self.colors == "lab":
            return self._lab_arrays(photographs, "float16")
        gray = data.gray_of(photographs)
        return np.broadcast_to(gray[..., None], (*gray.shape, 3)), photographs.rgb

    def inputs(self, photographs: data.Photographs) -> np.ndarray:
        """Return only what the network sees."""
        if self.colors == "rgb":
            return data.gray_channels(photographs)
        return luminance(photographs.rgb) / 100

    def picture(self, inputs: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Turn the network's output into uint8 sRGB, clipped and rounded, [N, size, size, 3]."""
        if self.colors == "rgb":
            return as_uint8(output)
        return as_uint8(lab_to_rgb(merge(inputs * 100, self.ab(output))))

    def ab(self, output: np.ndarray) -> np.ndarray:
        """Return a and b in units of Lab of what a network gives that predicts them."""
        ab = output * np.float32(CHROMA_SCALE)
        return ab if (self.gain, self.power) == (1, 1) else enliven(ab, self.gain, self.power)

    def predict(self, model: Any, photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
        """Color the photographs: uint8 sRGB [N, size, size, 3]. `model` None leaves them gray (a = b = 0)."""
        pictures = [photographs.rgb[:0]]
        for batch in photographs.batches(batch_size):
            x = self.inputs(batch)
            output = np.zeros((*x.shape[:3], 2), "float32") if model is None else model.predict_on_batch(x)
            pictures.append(self.picture(x, np.asarray(output, "float32")))
        return np.concatenate(pictures)


GRAY = Recipe("gray", "the photograph unchanged: L with a = b = 0", model="", colors="lab", epochs=0)
PAPER = Recipe(
    "paper",
    "the paper's network with the settings of the notebook behind it",
    model="paper",
    keep="best",
)
# Its relatives differ in one thing, and may be trained in the precision that is fastest on the device at hand.
RELATIVE = replace(PAPER, precision="fastest")
OURS = Recipe(
    "ours",
    "a residual U-Net from L to a and b",
    model="unet",
    colors="lab",
    optimizer="adamw",
    weight_decay=0.01,
    schedule="cosine",
    epochs=48,
    batch_size=32,
    augment=True,
    gamma=0.15,
    stored_size=144,
    precision="fastest",
)
# Trained as `ours`, but begun with an encoder that has learned to name what a million photographs show.
PRETRAINED = replace(OURS, model="pretrained", start=pretrained.NAME, epochs=10, learning_rate=4e-4)
# One network, begun where `ours` ended: only the loss differs.
FURTHER = replace(OURS, start="ours", epochs=3, learning_rate=3e-4, seeds=3)
# Nothing is learned: the curve was chosen on validation, both rows for the same colorfulness there.
VIVID = replace(OURS, start="ours", epochs=0)
# Small enough to be run many times; every run takes the same number of steps.
SMALL = replace(OURS, model="unet_half", size=64, stored_size=72, epochs=12, seeds=3)
# At a constant rate of 1e-3 this network stays at the gray answer (see the training log).
SMALL_LONG = replace(
    SMALL,
    schedule="constant",
    learning_rate=3e-4,
    augment=False,
    gamma=0.0,
    stored_size=64,
    share=0.1,
    epochs=150,
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        GRAY,
        replace(RELATIVE, name="plain", about="the paper's encoder and decoder without concatenation", model="plain"),
        PAPER,
        replace(
            RELATIVE,
            name="paper_l2",
            about="the paper's network with the L2 loss that its text talks about",
            loss="l2",
        ),
        OURS,
        replace(
            OURS,
            name=pretrained.NAME,
            about="where pretrained begins: its encoder is ImageNet's, and every photograph stays gray",
            model="pretrained",
            start=pretrained.NAME,
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
            start="pretrained",
            epochs=8,
            loss="decibels",
        ),
        replace(
            PRETRAINED,
            name="pretrained_control",
            about="the network of pretrained, trained in the same way from random weights",
            start="",
        ),
        replace(FURTHER, name="ours_l1", about="ours trained further with its own loss, to compare the next ones with"),
        replace(FURTHER, name="ours_l2", about="ours trained further with the L2 loss", loss="l2"),
        replace(FURTHER, name="ours_huber", about="ours trained further with Huber's loss", loss="huber"),
        replace(
            FURTHER,
            name="ours_perceptual",
            about="ours trained further with L1 and what a network sees in the colors",
            loss="perceptual",
        ),
        replace(VIVID, name="ours_scaled", about="ours, all chroma multiplied by a constant", gain=1.45),
        replace(
            VIVID,
            name="ours_vivid",
            about="ours, chroma raised by a curve: more where it is vivid",
            gain=1.42,
            power=1.3,
        ),
        *(
            replace(
                SMALL,
                name=f"small_{percent}",
                about=f"half as wide, on {percent} % of the training photographs",
                share=percent / 100,
                epochs=SMALL.epochs * 100 // percent,
            )
            for percent in (10, 25, 50, 100)
        ),
        replace(
            SMALL_LONG,
            name="small_long",
            about="half as wide, on 10 % of the training photographs, long, at a constant rate, no augmentation",
        ),
    )
}


def find(name: str) -> Recipe:
    """Return the recipe called `name`; a ValueError lists the names there are."""
    if name not in RECIPES:
        raise ValueError(f"there is no recipe '{name}'; expected one of: {', '.join(RECIPES)}.")
    return RECIPES[name]
