"""Classification: the odds of each color, pixel by pixel, after Zhang, Isola and Efros 2016 (taught in chapter 21)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from colorize_lib import color, data, metrics
from colorize_lib.networks import Model, Tensor, color_odds, efficientnet
from colorize_lib.settings import require_choice
from colorize_lib.systems.base import System
from colorize_lib.systems.regression import Network, Regression

NEAREST = 5  # bins that share a color
SPREAD = 5.0  # sigma of the Gaussian that says how, in units of a and b; also of the smoothing of the shares
PIXELS = (1, 2)


def soft_targets(ab: Tensor, centers: np.ndarray) -> Tensor:
    """Return the odds that are asked for where the true color is known (Zhang et al. 2016, section 2.1).

    Parameters
    ----------
    ab : tensor, shape [..., 2]
        True colors, in units of Lab.
    centers : numpy.ndarray, shape [Q, 2]
        Of the bins, likewise.

    Returns
    -------
    tensor, shape [..., Q]
        The `NEAREST` bins share 1 by ``exp(-d^2 / (2 SPREAD^2))`` of their distance d; all others have 0. Of bins that
        are equally far away, all or none are among the nearest.
    """
    from keras import ops

    centers = np.asarray(centers, "float32")
    # |x - c|^2 without the [..., Q, 2] differences
    squared = (
        ops.sum(ops.square(ab), axis=-1, keepdims=True)
        - 2 * ops.matmul(ab, centers.T)
        + np.sum(centers**2, axis=-1, dtype="float32")
    )
    nearest = -ops.top_k(-squared, min(NEAREST, len(centers)))[0]
    # Counted from the nearest bin, so that a color far from all of them does not end in 0 / 0.
    odds = ops.exp((nearest[..., :1] - squared) / (2 * SPREAD**2))
    odds = ops.where(squared <= nearest[..., -1:] + 1e-2, odds, 0.0)  # 1e-2: what is equally far but for rounding
    return odds / ops.sum(odds, axis=-1, keepdims=True)


def smoothed(colors: color_odds.Colors) -> np.ndarray:
    """Return the shares of the bins, [Q], each spread over the others by a Gaussian of `SPREAD`; they add up to 1."""
    apart = ((colors.ab[:, None] - colors.ab) ** 2).sum(axis=-1)
    spread = np.exp(-apart / (2 * SPREAD**2))
    return spread.T @ (colors.share / spread.sum(axis=1))


def rebalancing(share: np.ndarray, uniform: float) -> np.ndarray:
    """Return how much each bin weighs in the loss, [Q], so that rare colors count (Zhang et al. 2016, eq. 4).

    ``1 / ((1 - uniform) share + uniform / Q)``, times a constant that makes the mean weight of a pixel 1:
    ``sum share weight = 1``. With `uniform` 1 all weigh 1; with 0 each bin counts alike, however rare it is.
    """
    weight = 1 / ((1 - uniform) * share + uniform / len(share))
    return weight / (share @ weight)


def weighted_cross_entropy(targets: Tensor, scores: Tensor, weight: np.ndarray) -> Tensor:
    """Return the cross-entropy of each photograph, [batch], its pixels weighted (Zhang et al. 2016, eq. 2).

    Parameters
    ----------
    targets, scores : tensor, shape [batch, height, width, Q]
        The odds that are asked for, and the logarithms of those that are given.
    weight : numpy.ndarray, shape [Q]
        A pixel counts as much as its likeliest bin.
    """
    from keras import ops

    counts = ops.take(ops.convert_to_tensor(weight, "float32"), ops.argmax(targets, axis=-1), axis=0)
    return ops.mean(-counts * ops.sum(targets * ops.log_softmax(scores, axis=-1), axis=-1), axis=PIXELS)


@dataclass(frozen=True)
class Classification(System):
    """L to the odds of each color, of which the colorizer gives the annealed mean."""

    name: ClassVar[str] = "classification"
    networks: ClassVar[Mapping[str, Network]] = {
        "efficientnet_unet": Network(efficientnet.efficientnet_unet, efficientnet.STRIDE),
        "unet_half": Regression.networks["unet_half"],
    }

    network: str = "efficientnet_unet"  # which is cut off at a quarter of the size
    uniform: float = 0.5  # lambda of `rebalancing`; 1: all colors weigh alike
    temperature: float = 0.38  # of the annealed mean

    def __post_init__(self) -> None:
        """Raise a ValueError if an option is none of those there are."""
        require_choice(f"system '{self.name}': network is", self.network, self.networks)
        if not 0 <= self.uniform <= 1:
            raise ValueError(f"system '{self.name}': uniform is {self.uniform}; expected 0 to 1.")
        if self.temperature <= 0:
            raise ValueError(f"system '{self.name}': temperature is {self.temperature}; expected above 0.")

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return self.networks[self.network].stride

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer."""
        return color_odds.with_color_odds(self.networks[self.network].build(size), self.temperature)

    def begin(self, colorizer: Model, start: Model) -> None:
        """Take over what `start`, a network of a and b, knows at a quarter of the size; the odds begin by chance."""
        import keras

        own, other = (keras.Model(one.input, color_odds.knowledge(one)) for one in (colorizer, start))
        own.set_weights(other.get_weights())

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return L / 100 and (a, b) / 110, float32 or float16."""
        return data.lab_arrays(photographs, "float16" if compact else "float32")

    def loss(self) -> Callable[[Tensor, Tensor], Tensor]:
        """Return the loss: from (a, b) / 110, [batch, H, W, 2], and scores, [batch, H / 4, W / 4, Q], to [batch]."""
        from keras import ops

        colors = color_odds.colors()
        weight = rebalancing(smoothed(colors), self.uniform)

        def loss(y_true: Tensor, scores: Tensor) -> Tensor:
            ab = ops.average_pool(ops.cast(y_true, "float32"), color_odds.ENLARGE, data_format="channels_last")
            return weighted_cross_entropy(soft_targets(ab * color.CHROMA_SCALE, colors.ab), scores, weight)

        return loss

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the colorizer with its optimizer and the loss of its scores."""
        from colorize_lib.systems.learner import Supervised

        return Supervised(colorizer, optimizer(), self.loss(), jit, judged=color_odds.scoring(colorizer))

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_loss`` and ``val_psnr``."""
        import keras

        both = keras.Model(colorizer.input, [color_odds.scoring(colorizer).output, colorizer.output])
        loss, errors, decibels = self.loss(), list[float](), list[float]()
        for part in photographs.batches():
            x, y = self.training_arrays(part)
            scores, output = both.predict_on_batch(x)
            errors.extend(np.asarray(loss(y, scores)))
            decibels.extend(metrics.psnr(part.rgb, self.representation.picture(x, np.asarray(output, "float32"))))
        return {"val_loss": float(np.mean(errors)), "val_psnr": float(np.mean(decibels))}

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network, and what makes it one that gives odds."""
        return (self.networks[self.network].build, color_odds.with_color_odds)
