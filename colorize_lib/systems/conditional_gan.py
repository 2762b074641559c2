"""Conditional GANs: a critic that sees the photograph judges the colors (taught in chapter 23).

After pix2pix (Isola et al. 2017) and, as options, the colorizing GAN of Nazeri, Ng and Ebrahimi 2018.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from colorize_lib import data, metrics
from colorize_lib.networks import Model, Tensor, critic, lab_output
from colorize_lib.settings import require_choice, require_least
from colorize_lib.systems.base import System
from colorize_lib.systems.regression import Network, Regression

GAMES = ("squares", "entropy")
REPORTS = ("loss", "l1", "fooling", "critic_loss", "said_real", "said_fake")


def critics_loss(real: Tensor, fake: Tensor, game: str, smoothing: float = 1.0) -> Tensor:
    """Return what the critic makes small, a scalar: its answers should be large for true colors, small for painted.

    Halved, as pix2pix does, so that the critic learns half as fast; under Adam, which divides by the size of the
    gradient, the half changes nothing. Defined in chapter 23.

    Parameters
    ----------
    real, fake : tensor, shape [batch, height, width, 1]
        The critic's maps of true and of painted colors.
    game : str
        "entropy": the answers are logits z of "real", and the loss is their cross-entropy, ``-log sigmoid(z)`` for true
        colors and ``-log(1 - sigmoid(z))`` for painted ones (Goodfellow et al. 2014). "squares": the squared distance
        from 1 and from 0 (Mao et al. 2017). A critic that can't tell them apart has .69 or .25.
    smoothing : float
        What is asked for at true colors in place of 1, such as .9: one-sided label smoothing (Salimans et al. 2016).
    """
    from keras import ops

    if game == "squares":
        return (ops.mean(ops.square(real - smoothing)) + ops.mean(ops.square(fake))) / 2
    of_real = smoothing * ops.softplus(-real) + (1 - smoothing) * ops.softplus(real)
    return (ops.mean(of_real) + ops.mean(ops.softplus(fake))) / 2


def fooling_loss(fake: Tensor, game: str) -> Tensor:
    """Return what the colorizer makes small beside L1, a scalar: the critic should take painted colors for true ones.

    ``-log sigmoid(z)``, which still has a slope where the critic is sure ("not saturating"; ``log(1 - sigmoid(z))`` has
    none there), or the squared distance from 1. Defined in chapter 23.
    """
    from keras import ops

    return ops.mean(ops.square(fake - 1)) if game == "squares" else ops.mean(ops.softplus(-fake))


def says_real(answers: Tensor, game: str) -> Tensor:
    """Return the critic's answers as a part of 1, mean over the map, a scalar: 1 for real, 0 for painted."""
    from keras import ops

    return ops.mean(answers if game == "squares" else ops.sigmoid(answers))


def choice(psnr: float, colorfulness_ratio: float, floor: float) -> float:
    """Return how good an epoch is: the larger, the better.

    A GAN's best epoch is not that of the best PSNR: a pale colorizer has more of it. So among the epochs whose mean
    PSNR is at least `floor`, the one counts whose colorfulness is nearest to the truth's (a ratio of 1). An epoch below
    the floor is worse than all of these. Validation decides; this rule was written before the first run.
    """
    return -abs(1 - colorfulness_ratio) if psnr >= floor else -100 - (floor - psnr)


def judged(system: System, colorizer: Model, photographs: data.Photographs, floor: float) -> dict[str, float]:
    """Return what a system measures on validation whose epochs `choice` chooses from; see `ConditionalGAN.validate`."""
    decibels, own, truth = list[float](), list[float](), list[float]()
    for part in photographs.batches():
        pictures = system.predict(colorizer, part)
        decibels.extend(metrics.psnr(part.rgb, pictures))
        own.extend(metrics.colorfulness(pictures))
        truth.extend(metrics.colorfulness(part.rgb))
    psnr, ratio = float(np.mean(decibels)), float(np.mean(own) / np.mean(truth))
    return {"val_psnr": psnr, "val_colorfulness": ratio, "val_choice": choice(psnr, ratio, floor)}


@dataclass(frozen=True)
class ConditionalGAN(System):
    """L to a and b, learned by L1 and by fooling a critic that sees L beside the colors.

    In each step the critic learns first. For the first `warm_up` steps it learns alone, while the colorizer stays as it
    began (NoGAN; Antic 2019). Their number is read from the critic's optimizer, which is in every checkpoint.
    """

    name: ClassVar[str] = "conditional_gan"
    precisions: ClassVar[tuple[str, ...]] = ("float32",)
    one_loss: ClassVar[bool] = False
    best_by: ClassVar[str] = "val_choice"
    networks: ClassVar[Mapping[str, Network]] = {
        name: Regression.networks[name] for name in ("efficientnet_unet", "unet_half", "unet")
    }

    network: str = "efficientnet_unet"
    game: str = "squares"  # or "entropy": see `critics_loss`
    l1: float = 10.0  # how much L1 weighs beside `fooling_loss`
    fooling: float = 1.0  # how much `fooling_loss` weighs; with 0 the critic learns and nobody listens
    critic_rate: float = 2e-4  # the critic's learning rate; the recipe's is the colorizer's
    beta_1: float = 0.5  # of Adam, both networks'
    smoothing: float = 1.0  # what the critic is asked for at true colors
    colorizer_steps: int = 1  # of the colorizer in each step, in which the critic takes one
    warm_up: int = 0  # steps in which the critic learns alone
    receptive_field: int = 34  # of the critic, pixels: 16, 34 or 70
    critic_filters: int = 32
    paints_lightness: bool = False  # three channels of Lab are painted and judged; a and b of them are what ships
    floor: float = 23.65  # dB on validation, see `choice`: pretrained has 25.15 there, and 1.5 may be lost

    def __post_init__(self) -> None:
        """Raise a ValueError if an option is none of those there are."""
        require_choice(f"system '{self.name}': network is", self.network, self.networks)
        require_choice(f"system '{self.name}': game is", self.game, GAMES)
        if self.receptive_field not in critic.STRIDED:
            known = ", ".join(str(pixels) for pixels in critic.STRIDED)
            raise ValueError(
                f"system '{self.name}': receptive_field is {self.receptive_field}; expected one of: {known}."
            )
        least = {"colorizer_steps": 1, "warm_up": 0, "critic_filters": 1, "l1": 0, "fooling": 0}
        require_least(f"system '{self.name}'", self, least)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return self.networks[self.network].stride

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer."""
        network = self.networks[self.network].build(size)
        return lab_output.with_lightness(network) if self.paints_lightness else network

    def begin(self, colorizer: Model, start: Model) -> None:
        """Give an untrained colorizer the numbers of `start`; of a network of a and b it takes the colors."""
        if self.paints_lightness:
            lab_output.begin(colorizer, start)
        else:
            super().begin(colorizer, start)

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return L / 100 and (a, b) / 110, float32 or float16."""
        return data.lab_arrays(photographs, "float16" if compact else "float32")

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the colorizer with its critic, and the step in which both learn."""
        return make_learner(self, colorizer, optimizer)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_psnr``, ``val_colorfulness``, as a ratio to the truth's, and ``val_choice``; see `choice`."""
        return judged(self, colorizer, photographs, self.floor)

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network, and what gives it a lightness."""
        return (self.networks[self.network].build, *([lab_output.with_lightness] if self.paints_lightness else []))


def make_learner(system: ConditionalGAN, colorizer: Model, optimizer: Callable[..., Any]) -> Any:
    """Return the learner of a colorizer; its class is made here, because it needs Keras."""
    import tensorflow as tf
    from keras import ops

    from colorize_lib.systems.learner import Adversarial

    judge = critic.patch_critic(system.receptive_field, system.critic_filters, 3 if system.paints_lightness else 2)
    painter = lab_output.painting(colorizer) if system.paints_lightness else colorizer

    class Rivals(Adversarial):
        """The colorizer and its critic."""

        def step(self, x: Tensor, y: Tensor) -> Mapping[str, Tensor]:
            """Let the critic learn, then, unless it is the critic's time alone, the colorizer."""
            x, y = ops.convert_to_tensor(x), ops.convert_to_tensor(y)  # arrays where the step isn't compiled
            truth = ops.concatenate([2 * x - 1, y], axis=-1) if system.paints_lightness else y
            # Counted before the critic's step. The colorizer's part is a branch of the compiled step, because what
            # Python decides is decided once, when the step is compiled.
            alone = self.by_network["critic"].iterations < system.warm_up
            report = self.critics_step(x, truth)
            if system.warm_up:
                loss, l1, fooling = tf.cond(alone, lambda: self.aims(x, truth), lambda: self.colorizers_steps(x, truth))
            else:
                loss, l1, fooling = self.colorizers_steps(x, truth)
            return {"loss": loss, "l1": l1, "fooling": fooling, **report}

        def critics_step(self, x: Tensor, truth: Tensor) -> dict[str, Tensor]:
            """Let the critic learn to tell true from painted colors."""
            painted = painter(x, training=True)  # outside of the loss: nothing flows back into the colorizer
            said: dict[str, Tensor] = {}

            def loss() -> Tensor:
                # True and painted ones go through in one call.
                both = ops.concatenate([truth, painted], axis=0)
                answers = judge([ops.concatenate([x, x], axis=0), both], training=True)
                real, fake = answers[: ops.shape(x)[0]], answers[ops.shape(x)[0] :]
                said["said_real"], said["said_fake"] = (says_real(one, system.game) for one in (real, fake))
                return critics_loss(real, fake, system.game, system.smoothing)

            return {"critic_loss": self.descend("critic", loss), **said}

        def aims(self, x: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """Return what the colorizer makes small, and its two parts: L1, and that the critic is fooled."""
            painted = painter(x, training=True)
            l1 = ops.mean(ops.abs(painted - truth))
            # The critic looks on with training=False: the colorizer's step must leave all of its numbers alone.
            fooling = fooling_loss(judge([x, painted], training=False), system.game)
            return system.l1 * l1 + system.fooling * fooling, l1, fooling

        def colorizers_steps(self, x: Tensor, truth: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            """Let the colorizer learn, and return what `aims` was before its last step."""
            parts: list[Tensor] = []

            def loss() -> Tensor:
                parts[:] = self.aims(x, truth)
                return parts[0]

            for _ in range(system.colorizer_steps):
                self.descend("colorizer", loss)
            return parts[0], parts[1], parts[2]

    return Rivals(
        colorizer,
        {"colorizer": colorizer, "critic": judge},
        {
            "colorizer": optimizer(beta_1=system.beta_1),
            "critic": optimizer(learning_rate=system.critic_rate, beta_1=system.beta_1),
        },
        REPORTS,
    )
