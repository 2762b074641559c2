"""Semantic fusion: what a classifier sees in the photograph, mixed into the colorizer (taught in chapter 22).

After Deep Koalarization (Baldassarre et al. 2017): a colorizer that learns from random weights, beside a classifier
that is frozen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np

from colorize_lib import data, losses, metrics
from colorize_lib.data import batches
from colorize_lib.networks import Model, classifier, fusion, unet
from colorize_lib.settings import require_choice, require_least
from colorize_lib.storage import weights_files
from colorize_lib.systems.base import System
from colorize_lib.systems.regression import Network

AT_ONCE = 50  # photographs that the classifier looks at
WHOLE = np.array([0, 0, 1, 1], "float32")  # a crop that leaves nothing out


@dataclass(frozen=True)
class SemanticFusion(System):
    """L to a and b, learned with the embedding of each photograph at hand.

    The embeddings are computed once, before the first step: a crop has the embedding of the photograph that it is from.
    """

    name: ClassVar[str] = "semantic_fusion"
    networks: ClassVar[Mapping[str, Network]] = {
        "unet_half": Network(partial(fusion.painter, filters=unet.HALF_FILTERS), unet.UNET_STRIDE),
        "unet": Network(fusion.painter, unet.UNET_STRIDE),
    }

    network: str = "unet_half"
    loss: str = "l2"
    hears: bool = True  # without it, the same network lacks the part that takes the embedding: the control
    enlarge: int = 1  # by which factor L is enlarged for the classifier

    def __post_init__(self) -> None:
        """Raise a ValueError if an option is none of those there are."""
        require_choice(f"system '{self.name}': network is", self.network, self.networks)
        require_choice(f"system '{self.name}': loss is", self.loss, ("l1", "l2", "huber"))
        require_least(f"system '{self.name}'", self, {"enlarge": 1})

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return self.networks[self.network].stride

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer, in which the classifier is trained."""
        learned = self.networks[self.network].build(size, hears=self.hears)
        return fusion.with_classifier(learned, size, self.enlarge) if self.hears else learned

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return L / 100 and (a, b) / 110, float32 or float16."""
        return data.lab_arrays(photographs, "float16" if compact else "float32")

    def beside(self, x: np.ndarray, size: int) -> np.ndarray | None:
        """Return the embedding of each photograph as a colorizer of `size` pixels sees it: whole, L as it is."""
        if not self.hears:
            return None
        return np.concatenate(
            [
                embeddings(np.stack([batches.crop(one, WHOLE, False, (size, size)) for one in part]), self.enlarge)
                for part in np.array_split(x, -(-len(x) // AT_ONCE))
            ]
        )

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the part of the colorizer that learns, with its optimizer and loss."""
        from colorize_lib.systems.learner import Supervised

        judged = weights_files.learned(colorizer)
        return Supervised(colorizer, optimizer(), losses.find(self.loss), jit, judged=judged)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_loss`` and ``val_psnr``."""
        learned = weights_files.learned(colorizer)
        loss, errors, decibels = losses.find(self.loss), list[float](), list[float]()
        for part in photographs.batches():
            x, y = self.training_arrays(part)
            output = np.asarray(learned.predict_on_batch([x, remembered(part, self.enlarge)] if self.hears else x))
            output = output.astype("float32")
            errors.extend(np.asarray(loss(y, output)))
            decibels.extend(metrics.psnr(part.rgb, self.representation.picture(x, output)))
        return {"val_loss": float(np.mean(errors)), "val_psnr": float(np.mean(decibels))}

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network, and what puts the classifier beside it."""
        return (self.networks[self.network].build, *([fusion.with_classifier] if self.hears else []))


@cache
def seeing(enlarge: int) -> Model:
    """Return the classifier, from L / 100 of any size to embeddings, which sees L enlarged by this factor."""
    import keras
    from keras import layers

    light = keras.Input((None, None, 1), name="L")
    seen = layers.UpSampling2D(enlarge, interpolation="bilinear")(light) if enlarge > 1 else light
    return keras.Model(light, classifier.load()(seen))


def embeddings(light: np.ndarray, enlarge: int = 1) -> np.ndarray:
    """Return the embeddings of photographs, float32 [N, 1, 1, `classifier.NUMBERS`].

    `light` is L / 100, [N, height, width, 1]. At most a few dozen at a time: their maps fill the memory.
    """
    return np.asarray(seeing(enlarge).predict_on_batch(light.astype("float32")), "float32")


MEMORY: dict[tuple[str, int], np.ndarray] = {}


def remembered(photographs: data.Photographs, enlarge: int) -> np.ndarray:
    """Return the embeddings of photographs that are looked at after each epoch: computed the first time."""
    key = data.fingerprint(photographs), enlarge
    if key not in MEMORY:
        MEMORY[key] = embeddings(data.lab_arrays(photographs)[0], enlarge)
    return MEMORY[key]
