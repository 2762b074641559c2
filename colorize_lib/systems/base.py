"""What every way to color photographs has in common (taught in chapter 07).

A *system* says how a network that colors is built, what it learns from, and how. The network itself is its
*colorizer*: it is all that is measured, saved, exported and shipped. What else a training needs (a loss, a critic, a
teacher, optimizers) is the system's *learner*, which exists while it trains.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Protocol

import numpy as np

from colorize_lib import data, metrics
from colorize_lib.color import CHROMA_SCALE, as_uint8, lab_to_rgb, lightness, merge, rgb_to_lab
from colorize_lib.networks import Model

Scalar = str | int | float | bool


class Representation(Protocol):
    """What a colorizer takes, and what its output means."""

    @staticmethod
    def inputs(photographs: data.Photographs) -> np.ndarray:
        """Return what the colorizer sees, float32 [N, H, W, channels]."""

    @staticmethod
    def ab(output: np.ndarray) -> np.ndarray:
        """Return a and b in units of Lab, float32 [N, H, W, 2], of what the colorizer gives."""

    @staticmethod
    def picture(inputs: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Return the colored photographs, uint8 sRGB [N, H, W, 3], clipped and rounded.

        `inputs` are what the colorizer took, `output` is what it gave.
        """


class LToAb:
    """A colorizer that takes L / 100 in [0, 1], [N, H, W, 1], and gives (a, b) / `color.CHROMA_SCALE`, [N, H, W, 2]."""

    @staticmethod
    def inputs(photographs: data.Photographs) -> np.ndarray:
        """Return L / 100 of the color files."""
        return lightness(photographs.rgb) / 100

    @staticmethod
    def ab(output: np.ndarray) -> np.ndarray:
        """Undo the scale."""
        return output * np.float32(CHROMA_SCALE)

    @staticmethod
    def picture(inputs: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Put a and b under the L that went in."""
        return as_uint8(lab_to_rgb(merge(inputs * 100, LToAb.ab(output))))


class GrayToRGB:
    """The paper's: it takes gray as three equal channels in [0, 1], [N, H, W, 3], and gives R, G, B, not bounded."""

    @staticmethod
    def inputs(photographs: data.Photographs) -> np.ndarray:
        """Return the gray twins where the source has them, else PIL's 8-bit gray of the color files."""
        return data.gray_channels(photographs)

    @staticmethod
    def ab(output: np.ndarray) -> np.ndarray:
        """Take a and b of the colors, clipped to sRGB."""
        return rgb_to_lab(np.clip(output, 0, 1))[..., 1:]

    @staticmethod
    def picture(inputs: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Take the colors as they are: the gray that went in is not used."""
        return as_uint8(output)


@dataclass(frozen=True)
class System(ABC):
    """One way to color photographs. A subclass is a frozen dataclass; its fields are its options, JSON scalars."""

    name: ClassVar[str]  # in `SYSTEMS` and in results files
    representation: ClassVar[type[Representation]] = LToAb
    # Keras's policies in which its learner can train.
    precisions: ClassVar[tuple[str, ...]] = ("float32", "float64", "mixed_bfloat16", "mixed_float16")
    has_network: ClassVar[bool] = True
    one_loss: ClassVar[bool] = True  # its learner is a `learner.Supervised`: it trains on any backend, on many devices
    best_by: ClassVar[str] = "val_psnr"  # the number of `validate` whose highest value marks the best epoch

    @classmethod
    def with_options(cls, **options: Any) -> "System":
        """Return the system with these options; a ValueError names one that it doesn't have."""
        known = [field.name for field in fields(cls)]
        for option in options:
            if option not in known:
                expected = f"expected some of: {', '.join(known)}" if known else "it has none"
                raise ValueError(f"the system '{cls.name}' has no option '{option}'; {expected}.")
        return cls(**options)

    def options(self) -> dict[str, Scalar]:
        """Return the options as JSON has them."""
        return asdict(self)

    @property
    @abstractmethod
    def stride(self) -> int:
        """What height and width must be multiples of."""

    @abstractmethod
    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer, for photographs of `size` or of any size."""

    @abstractmethod
    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return what the learner sees and what it is compared with, [N, H, W, channels] each.

        They have the photographs' own size, which may be the recipe's `stored_size`. float32, or, `compact`, uint8,
        which `batches.Batches` divides by 255, or float16: a quarter or half of the memory.
        """

    def beside(self, x: np.ndarray, size: int) -> np.ndarray | None:
        """Return what the learner takes beside `x` of `training_arrays`, [N, ...], and what isn't augmented, or None.

        It is asked once, before the first step of a recipe whose photographs have `size` pixels a side: so a frozen
        network can see each photograph once.
        """
        return None

    def training_side(self, size: int) -> int:
        """Return the side of what the learner sees of square photographs that have `size` pixels a side."""
        return size

    @abstractmethod
    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the `learner.Learner` of a colorizer, ready for ``fit``.

        ``optimizer()`` returns a new Keras optimizer with the recipe's settings, and keywords replace some of them:
        ``optimizer(learning_rate=2e-4, beta_1=0.5)``; the schedule stays. `jit` is Keras's ``jit_compile``: True, False
        or "auto".
        """

    def begin(self, colorizer: Model, start: Model) -> None:
        """Give an untrained colorizer the numbers of `start`, the network of the recipe that a run begins with."""
        colorizer.set_weights(start.get_weights())

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return what is measured on the validation photographs after each epoch, the same keys each time.

        `best_by` must be among them, and more of it must be better. Here it is ``val_psnr``, dB.
        """
        decibels = [metrics.psnr(part.rgb, self.predict(colorizer, part)) for part in photographs.batches()]
        return {"val_psnr": float(np.mean(np.concatenate(decibels)))}

    def predict(self, colorizer: Model, photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
        """Color photographs, at most `batch_size` at a time: uint8 sRGB [N, H, W, 3]."""
        pictures = [photographs.rgb[:0]]
        for batch in photographs.batches(batch_size):
            x = self.representation.inputs(batch)
            output = np.asarray(colorizer.predict_on_batch(x), "float32")
            pictures.append(self.representation.picture(x, output))
        return np.concatenate(pictures)

    @abstractmethod
    def code(self) -> tuple[Any, ...]:
        """Return the functions that decide what the colorizer computes, for `results.code_version`.

        That is its builder, and whatever else stands between a photograph and its colors. `predict` and the
        representation are counted anyway; what they call on ``self`` is not. Losses and critics don't belong here.
        """
