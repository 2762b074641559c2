"""Little worlds: what color goes with a gray is left to chance, with odds that are known (used in chapter 09).

So the best answer under each loss can be computed, and what a network learns compared with it. Colors are
(a, b) / 110 and grays L / 100, as networks get them. The worlds and the answers need NumPy alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from colorize_lib import losses

GRAY = 0.6  # L / 100 of every car below
GREEN, BLUE, RED = (-0.4, 0.4), (0.2, -0.5), (0.5, 0.4)  # (a, b) / 110, all inside sRGB at that L
DELTA = 0.1  # where Huber's loss turns straight, as in `losses.huber`


@dataclass(frozen=True)
class World:
    """Pixels of one gray, each of which has one of K colors by chance.

    Parameters
    ----------
    colors : array, shape [K, 2]
        (a, b) / 110 of the colors.
    odds : array, shape [K]
        Their probabilities; a ValueError is raised unless they add up to 1.
    gray : float
        L / 100, the same for all.
    """

    colors: np.ndarray
    odds: np.ndarray
    gray: float = GRAY

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        if np.shape(self.colors) != (len(self.odds), 2) or min(self.odds) < 0 or not np.isclose(sum(self.odds), 1):
            raise ValueError(
                f"colors of shape {np.shape(self.colors)} with odds {list(self.odds)}; "
                "expected a row (a, b) for each of the odds, which are positive and add up to 1."
            )


def two_colors(odds: float, gray: float = GRAY) -> World:
    """Return the world in which a car is green with probability `odds`, else blue."""
    return World(np.array([GREEN, BLUE]), np.array([odds, 1 - odds]), gray)


def three_colors(odds: tuple[float, float, float] = (0.35, 0.25, 0.4), gray: float = GRAY) -> World:
    """Return the world in which a car is green, blue or red."""
    return World(np.array([GREEN, BLUE, RED]), np.array(odds), gray)


def draw(worlds: list[World], n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw `n` pictures of one row, in which each of the worlds has one pixel.

    Returns
    -------
    gray, ab, which : numpy.ndarray
        float32 [n, 1, worlds, 1] and [n, 1, worlds, 2], and int [n, 1, worlds]: the number of the color.
    """
    rng = np.random.default_rng(seed)
    which = np.stack([rng.choice(len(world.odds), n, p=world.odds) for world in worlds], axis=1)[:, None]
    ab = np.stack([np.asarray(world.colors)[which[:, :, i]] for i, world in enumerate(worlds)], axis=2)
    gray = np.broadcast_to(np.array([world.gray for world in worlds])[:, None], (*which.shape, 1))
    return gray.astype("float32"), ab.astype("float32"), which


def stripes(n: int, size: int, odds: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw `n` pictures of fine stripes: upright ones are grass (green), level ones are water (blue).

    A pixel's own gray, .55 or .65, says nothing about its color: it is green with probability `odds`. Its neighbors
    say everything.

    Returns
    -------
    gray, ab : numpy.ndarray
        float32 [n, size, size, 1] and [n, size, size, 2].
    """
    rng = np.random.default_rng(seed)
    grass = rng.random((n, 1, 1)) < odds
    row, column = np.mgrid[:size, :size]
    bright = (np.where(grass, column, row) + rng.integers(0, 2, (n, 1, 1))) % 2
    ab = np.where(grass[..., None], GREEN, BLUE) + np.zeros((size, size, 1))
    return (0.55 + 0.1 * bright[..., None]).astype("float32"), ab.astype("float32")


def mean(world: World) -> np.ndarray:
    """Return the best answer under L2: the colors' mean, [2]."""
    return np.asarray(world.odds) @ np.asarray(world.colors)


def quantiles(world: World, part: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest `part`-quantile of a and of b, [2] and [2].

    Whatever lies between the two is as good. With `part` one half they are medians: the best
    answers under L1. With other parts they are the best answers under the tilted L1, the
    pinball loss (Koenker and Bassett 1978). A `part` that is not between 0 and 1 is a ValueError.
    """
    if not 0 < part < 1:
        raise ValueError(f"part is {part}; expected more than 0 and less than 1.")
    low, high = [], []
    for values in np.asarray(world.colors).T:
        order = np.argsort(values)
        below = np.cumsum(np.asarray(world.odds)[order]).round(9)  # .3 + .2 must be .5
        low.append(values[order][np.argmax(below >= part)])
        high.append(values[order][np.argmax(below > part)])
    return np.array(low), np.array(high)


def huber(world: World, delta: float = DELTA) -> np.ndarray:
    """Return the best answer under Huber's loss, [2]: a mean in which no color counts as further away than `delta`.

    For two colors it lies between median and mean; for more it need not. The loss's slope is a sum of straight
    pieces that bend at ``value - delta`` and ``value + delta``: its zero is found exactly by following them.
    """
    best = []
    for values in np.asarray(world.colors).T:
        bends = np.sort(np.concatenate([values - delta, values + delta]))
        slopes = np.clip(bends[:, None] - values, -delta, delta) @ np.asarray(world.odds)
        best.append(np.interp(0, slopes, bends))
    return np.array(best)


def expected(loss: Callable[[np.ndarray], np.ndarray], world: World, answers: np.ndarray) -> np.ndarray:
    """Return what each of the `answers` [..., 2] costs on average, [...], where an error e costs ``loss(e)``."""
    errors = np.asarray(answers)[..., None, :] - np.asarray(world.colors)  # [..., K, 2]
    return loss(errors).mean(axis=-1) @ np.asarray(world.odds)


def rewarded(y_true: Any, y_pred: Any, reward: float) -> Any:
    """L1 less a reward for color, ``mean |y - p| - reward mean |p|``, [batch], for pictures [batch, height, width, 2].

    Where every true value is on one side of 0, its best constant answer is the quantile `quantiles` with
    ``part=(1 + reward) / 2``, counted away from 0.
    """
    from keras import ops

    return losses.l1(y_true, y_pred) - reward * ops.mean(ops.abs(y_pred), axis=losses.PIXELS)


def learn(
    loss: Any,
    gray: np.ndarray,
    targets: np.ndarray,
    sees: int = 1,
    outputs: int = 2,
    batch_size: int = 512,
    seed: int = 0,
) -> Any:
    """Train a small network by one pass over the pictures and return it, a keras.Model.

    Parameters
    ----------
    loss : str or callable
        What `compile` takes: a function of `losses`, or a loss of Keras.
    gray, targets : numpy.ndarray
        What it sees, [N, height, width, 1], and what it should give.
    sees : int
        The side of the square that an answer depends on, in pixels: 1 is the pixel's own gray alone.
    outputs : int
        Channels of the answer: 2 for a and b, K for the scores of K classes.
    batch_size : int
        Pictures a step. The learning rate falls along half a cosine to 0, so that L1 comes to rest.
    seed : int
        Of the first weights and of the order.
    """
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((None, None, 1)),
            layers.Rescaling(10, -10 * GRAY),  # grays differ by a tenth or two: make that a one or two
            layers.Conv2D(32, sees, padding="same", activation="relu"),
            layers.Conv2D(32, 1, activation="relu"),
            layers.Conv2D(outputs, 1),
        ]
    )
    rate = keras.optimizers.schedules.CosineDecay(0.01, -(-len(gray) // batch_size))
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(gray, targets, batch_size=batch_size, verbose=0)
    return model
