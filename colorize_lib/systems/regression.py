"""Regression: one color a pixel, as near to the truth as a distance asks for (taught in chapters 06 to 09)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from PIL import Image

from colorize_lib import color, data, losses, metrics
from colorize_lib.networks import Model, efficientnet, paper, unet
from colorize_lib.settings import require_choice, require_least
from colorize_lib.systems.base import GrayToRGB, Representation, System

LAB_ONLY = ("negative_psnr", "perceptual")  # losses of a and b


class Network(NamedTuple):
    """A builder of networks, and what its sizes must be multiples of."""

    build: Callable[..., Model]
    stride: int


@dataclass(frozen=True)
class Gray(System):
    """The photograph unchanged: a = b = 0, and nothing is learned. It is a row of every table."""

    name: ClassVar[str] = "gray"
    has_network: ClassVar[bool] = False

    @property
    def stride(self) -> int:
        """Any size will do."""
        return 1

    def build(self, size: int | None = None) -> Model:
        """Raise a ValueError: there is no network."""
        raise ValueError("the system 'gray' has no network: it leaves photographs as they are.")

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Raise a ValueError: nothing is learned."""
        raise ValueError("the system 'gray' learns nothing; there is nothing to train.")

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Raise a ValueError: nothing is learned."""
        raise ValueError("the system 'gray' learns nothing; there is nothing to train.")

    def predict(self, colorizer: Model | None, photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
        """Return the photographs without color, uint8 sRGB [N, H, W, 3]; `colorizer` is None."""
        pictures = [photographs.rgb[:0]]
        for batch in photographs.batches(batch_size):
            L = self.representation.inputs(batch)
            pictures.append(self.representation.picture(L, np.zeros((*L.shape[:3], 2), "float32")))
        return np.concatenate(pictures)

    def code(self) -> tuple[Any, ...]:
        """Return nothing more."""
        return ()


@dataclass(frozen=True)
class _OneLoss(System):
    """What learns by a loss between its output and the truth."""

    networks: ClassVar[Mapping[str, Network]]

    network: str
    loss: str = "l1"  # see `losses.find`

    def __post_init__(self) -> None:
        """Raise a ValueError if there is no such network or loss."""
        require_choice(f"system '{self.name}': network is", self.network, self.networks)
        require_choice(f"system '{self.name}': loss is", self.loss, losses.LOSSES)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return self.networks[self.network].stride

    def build(self, size: int | None = None) -> Model:
        """Return the untrained network."""
        return self.networks[self.network].build(size)

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the colorizer with its optimizer and loss."""
        from colorize_lib.systems.learner import Supervised

        return Supervised(colorizer, optimizer(), losses.find(self.loss), jit)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_loss`` and ``val_psnr``."""
        loss, errors, decibels = losses.find(self.loss), list[float](), list[float]()
        for part in photographs.batches():
            x, y = self.training_arrays(part)
            output = np.asarray(colorizer.predict_on_batch(x), "float32")
            errors.extend(np.asarray(loss(y, output)))
            decibels.extend(metrics.psnr(part.rgb, self.representation.picture(x, output)))
        return {"val_loss": float(np.mean(errors)), "val_psnr": float(np.mean(decibels))}

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network."""
        return (self.networks[self.network].build,)


@dataclass(frozen=True)
class PaperRegression(_OneLoss):
    """The paper's system: gray in three equal channels to R, G, B (chapters 05 to 07)."""

    name: ClassVar[str] = "paper"
    representation: ClassVar[type[Representation]] = GrayToRGB
    networks: ClassVar[Mapping[str, Network]] = {
        "plain": Network(paper.plain_autoencoder, paper.STRIDE),
        "paper": Network(paper.paper_network, paper.STRIDE),
    }

    network: str = "paper"

    def __post_init__(self) -> None:
        """Raise a ValueError if there is no such network or loss, or the loss is one of a and b."""
        super().__post_init__()
        if self.loss in LAB_ONLY:
            raise ValueError(f"system 'paper': the loss {self.loss!r} is one of a and b; take the system 'regression'.")

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return gray in three equal channels and the color, float32 in [0, 1], or uint8."""
        if not compact:
            return data.rgb_arrays(photographs)
        gray = data.gray_of(photographs)
        return np.broadcast_to(gray[..., None], (*gray.shape, 3)), photographs.rgb


@dataclass(frozen=True)
class Regression(_OneLoss):
    """The course's system: L to a and b (chapters 08 and 09).

    The chroma of what the network gives may be scaled, see `color.scale_chroma`: this is a part of the colorizer.
    """

    name: ClassVar[str] = "regression"
    networks: ClassVar[Mapping[str, Network]] = {
        "unet": Network(unet.unet, unet.UNET_STRIDE),
        "unet_half": Network(partial(unet.unet, filters=unet.HALF_FILTERS), unet.UNET_STRIDE),
        "efficientnet_unet": Network(efficientnet.efficientnet_unet, efficientnet.STRIDE),
    }

    network: str = "unet"
    chroma_gain: float = 1.0
    chroma_power: float = 1.0

    @property
    def scales_chroma(self) -> bool:
        """Whether the chroma of what the network gives is changed."""
        return (self.chroma_gain, self.chroma_power) != (1, 1)

    def build(self, size: int | None = None) -> Model:
        """Return the untrained network, its chroma scaled if asked for."""
        import keras

        network = super().build(size)
        if not self.scales_chroma:
            return network
        ab = color.scale_chroma(network.output * color.CHROMA_SCALE, self.chroma_gain, self.chroma_power)
        return keras.Model(network.input, ab / color.CHROMA_SCALE, name=network.name)

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return L / 100 and (a, b) / 110, float32 or float16; with L before them for the loss that makes pictures."""
        x, y = data.lab_arrays(photographs, "float16" if compact else "float32")
        return x, np.concatenate([x, y], axis=-1) if self.loss == "negative_psnr" else y

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network, and what scales its chroma."""
        return (*super().code(), *([Regression.build, color.scale_chroma] if self.scales_chroma else []))


@dataclass(frozen=True)
class EnlargedRegression(Regression):
    """Regression that learns from enlarged photographs, and enlarges small ones before it colors them.

    A photograph of 128 pixels shows a network of ImageNet's things at half the size at which it learned to name them.
    """

    name: ClassVar[str] = "enlarged_regression"

    side: int = 192  # pixels: photographs whose short side has fewer are enlarged to so many

    def __post_init__(self) -> None:
        """Raise a ValueError if there is no such network or loss, or the network can't take that side."""
        super().__post_init__()
        require_least(f"system '{self.name}'", self, {"side": 1})
        if self.side % self.stride:
            raise ValueError(f"system '{self.name}': side is {self.side}; expected a multiple of {self.stride}.")

    def training_side(self, size: int) -> int:
        """Return the side at which it learns."""
        return max(size, self.side)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_loss`` and ``val_psnr``."""
        return super().validate(Enlarging(colorizer, self.side, self.stride), photographs)

    def predict(self, colorizer: Model, photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
        """Color photographs, at most `batch_size` at a time: uint8 sRGB [N, H, W, 3]."""
        return super().predict(Enlarging(colorizer, self.side, self.stride), photographs, batch_size)

    def code(self) -> tuple[Any, ...]:
        """Return what decides the network's output, and how its input is made larger."""
        return (*super().code(), Enlarging, resized)


class Enlarging(NamedTuple):
    """A network that is shown photographs whose short side has at least `side` pixels."""

    network: Model
    side: int
    stride: int  # what height and width must be multiples of

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        """Return a and b for L: of an enlarged copy, made as small again as the photograph is."""
        height, width = x.shape[1:3]
        factor = max(1.0, self.side / min(height, width))
        down, across = (round(side * factor / self.stride) * self.stride for side in (height, width))
        large = resized(x, (down, across), Image.Resampling.BICUBIC)
        given = np.asarray(self.network.predict_on_batch(large), "float32")
        return resized(given, (height, width), Image.Resampling.BILINEAR)


def resized(maps: np.ndarray, size: tuple[int, int], how: Image.Resampling) -> np.ndarray:
    """Return maps [N, H, W, C] at another height and width, float32; what is made smaller is averaged."""
    if maps.shape[1:3] == size:
        return maps
    planes = (Image.fromarray(plane) for one in maps for plane in np.ascontiguousarray(np.moveaxis(one, -1, 0)))
    made = np.stack([np.asarray(plane.resize(size[::-1], how)) for plane in planes])
    return np.moveaxis(made.reshape(len(maps), -1, *size), 1, -1)
