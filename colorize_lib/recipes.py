"""Recipes: every named experiment as data (taught in chapter 07).

A recipe says which network learns from which photographs, how, and for how long.
`training` runs it, `results` measures it, `zoo` keeps its weights.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from colorize_lib import data, models
from colorize_lib.color import CHROMA_SCALE, as_uint8, lab_to_rgb, luminance, merge


@dataclass(frozen=True)
class Recipe:
    """One experiment.

    `colors` says what the network sees and gives: ``rgb`` is the paper's way (gray as
    three equal channels to R, G, B), ``lab`` ours (L to a and b).
    """

    name: str
    about: str
    model: str  # a key of models.MODELS; empty: nothing is learned
    colors: str = "rgb"
    source: str = "landscape"
    size: int = data.SIZE
    loss: str = "l1"  # a key of losses.LOSSES
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"  # or "cosine": up over the first 5 % of the steps, then down to 0
    weight_decay: float = 0.0
    epochs: int = 8
    batch_size: int = 50
    augment: bool = False  # crops of 65-100 % of the sides, a little stretch, flips
    gamma: float = 0.0  # spread of the gamma jitter of L
    stored_size: int = data.SIZE  # what crops are cut from
    precision: str = "float32"  # a Keras policy: mixed_bfloat16 halves the time where the CPU has it
    seed: int = 1

    def build(self, size: int | None = None) -> Any:
        """Return the untrained keras.Model, for `size` or for any size."""
        if not self.model:
            raise ValueError(f"recipe '{self.name}' has no network: {self.about}.")
        return models.MODELS[self.model](size)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        if not self.model:
            return 1
        return models.UNET_STRIDE if self.model == "unet" else models.STRIDE

    def arrays(self, photographs: data.Photographs) -> tuple[np.ndarray, np.ndarray]:
        """Return what the network sees and what it should give, float32 [N, size, size, channels]."""
        return data.rgb_arrays(photographs) if self.colors == "rgb" else data.lab_arrays(photographs)

    def inputs(self, photographs: data.Photographs) -> np.ndarray:
        """Return only what the network sees."""
        if self.colors == "rgb":
            return data.gray_channels(photographs)
        return luminance(photographs.rgb) / 100

    def picture(self, inputs: np.ndarray, output: np.ndarray) -> np.ndarray:
        """Turn the network's output into uint8 sRGB, clipped and rounded, [N, size, size, 3]."""
        if self.colors == "rgb":
            return as_uint8(output)
        return as_uint8(lab_to_rgb(merge(inputs * 100, output * CHROMA_SCALE)))

    def predict(self, model: Any, photographs: data.Photographs, batch_size: int = 50) -> np.ndarray:
        """Color the photographs: uint8 sRGB [N, size, size, 3]. `model` None leaves them gray (a = b = 0)."""
        pictures = np.empty_like(photographs.rgb)
        for start in range(0, len(photographs), batch_size):
            here = slice(start, start + batch_size)
            x = self.inputs(photographs.select(here))
            output = np.zeros((*x.shape[:3], 2), "float32") if model is None else model.predict_on_batch(x)
            pictures[here] = self.picture(x, np.asarray(output, "float32"))
        return pictures


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("gray", "the photograph unchanged: L with a = b = 0", model="", colors="lab", epochs=0),
        Recipe("plain", "the paper's encoder and decoder without concatenation", model="plain"),
        Recipe("paper", "the paper's network with the settings of the notebook behind it, fewer epochs", model="paper"),
        Recipe(
            "ours",
            "a residual U-Net from L to a and b",
            model="unet",
            colors="lab",
            optimizer="adamw",
            weight_decay=0.01,
            schedule="cosine",
            epochs=24,
            batch_size=32,
            augment=True,
            gamma=0.15,
            stored_size=144,
            precision="mixed_bfloat16",
        ),
    )
}


def find(name: str) -> Recipe:
    """Return the recipe called `name`; a ValueError lists the names there are."""
    if name not in RECIPES:
        raise ValueError(f"there is no recipe '{name}'; expected one of: {', '.join(RECIPES)}.")
    return RECIPES[name]
