"""A classifier's state as PyTorch keeps it, with numbers drawn by lot: for the tests of what is made of its file."""

from collections.abc import Callable

import numpy as np

from colorize_lib.networks import efficientnet

Convolution = Callable[[str, str, tuple[int, ...]], None]
RANGES = {"weight": (0.5, 2), "bias": (-1, 1), "running_mean": (-1, 1), "running_var": (0.1, 2)}


def classifier_state(
    blocks: tuple[efficientnet.Block, ...],
) -> tuple[dict[str, np.ndarray], Convolution]:
    """Return the state of the first layer and of `blocks`, and the function that adds a convolution to it."""
    rng, found = np.random.default_rng(1), dict[str, np.ndarray]()

    def convolution(name: str, norm: str, shape: tuple[int, ...]) -> None:
        found[f"{name}.weight"] = rng.normal(0, 0.1, shape).astype("float32")
        for part, (low, high) in RANGES.items():
            found[f"{norm}.{part}"] = rng.uniform(low, high, shape[0]).astype("float32")

    convolution("_conv_stem", "_bn0", (efficientnet.STEM, 3, 3, 3))
    channels = efficientnet.STEM
    for i, block in enumerate(blocks):
        wide = channels * block.expansion
        if block.expansion > 1:
            convolution(f"_blocks.{i}._expand_conv", f"_blocks.{i}._bn0", (wide, channels, 1, 1))
        convolution(f"_blocks.{i}._depthwise_conv", f"_blocks.{i}._bn1", (wide, 1, block.kernel, block.kernel))
        convolution(f"_blocks.{i}._project_conv", f"_blocks.{i}._bn2", (block.filters, wide, 1, 1))
        channels = block.filters
    return found, convolution
