"""Batches for training, from plain arrays or through tf.data: the same ones (taught in chapter 03).

What happens to each photograph of an epoch (its place, crop, flip, gamma, age, what is pasted) is drawn beforehand from
(seed, epoch), so a training that stops and resumes sees what it would have seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from colorize_lib.color import as_float
from colorize_lib.data.aging import aged

STRETCH = 0.1  # of the logarithm: aspect ratios between exp(-0.2) and exp(0.2)


@dataclass(frozen=True)
class Augmentation:
    """What is changed in a photograph each time it is shown.

    Parameters
    ----------
    crop_and_flip : bool
        Crop `smallest` to 100 % of the sides, stretch height against width by a factor of up to exp(0.2), and mirror
        half of the photographs, by chance; x and y alike.
    gamma : float
        Spread of the logarithm of an exponent for x, for arrays in which x is L and y doesn't depend on it; 0 leaves x
        as it is.
    aging : float
        How old x is made to look, from 0, not at all, to 1: see `aging.aged`. For arrays in which x is L and the last
        two channels of y are a and b; y stays as it is.
    smallest : float
        Part of a side that the smallest crop takes, before it is stretched.
    cutmix : float
        Probability that a rectangle of a photograph is replaced by the same place of the one before it in the batch (of
        the last one, for the first), in x and y alike: CutMix (Yun et al. 2019, section 3.1) for answers that are
        pictures. Its area is drawn evenly from 0 to 100 %, it has the photograph's proportions and lies inside it. A
        batch of one stays as it is, and so does what is ``beside`` x.

    Raises
    ------
    ValueError
        If `cutmix` is no probability.
    """

    crop_and_flip: bool = False
    gamma: float = 0.0
    aging: float = 0.0
    smallest: float = 0.65
    cutmix: float = 0.0

    def __post_init__(self) -> None:
        """Check the probability."""
        if not 0 <= self.cutmix <= 1:
            raise ValueError(f"cutmix is {self.cutmix}; expected a probability, from 0 to 1.")


NONE = Augmentation()


class Plan(NamedTuple):
    """What happens to the photographs of one epoch, in the order in which they are shown."""

    which: np.ndarray  # int64 [N]: which photograph
    box: np.ndarray  # float32 [N, 4]: top, left, height and width of the crop, in fractions of the sides
    flip: np.ndarray  # bool [N]: mirrored left to right
    gamma: np.ndarray  # float32 [N]: exponent for x
    age: np.ndarray  # int64 [N]: the seed of what age does to x
    pasted: np.ndarray  # float32 [N, 4]: as box, of the rectangle that is replaced; no height and width where none is


def plan(count: int, seed: int, epoch: int, augmentation: Augmentation = NONE) -> Plan:
    """Draw one epoch.

    Parameters
    ----------
    count : int
        Number of photographs.
    seed, epoch : int
        The same two give the same plan, on every machine.
    augmentation : Augmentation
        What is drawn by chance.
    """
    # New draws go last, and only where they are asked for: the plans of earlier recipes must stay as they are.
    random = np.random.default_rng([seed, epoch])
    which = random.permutation(count)
    box = np.tile(np.array([0, 0, 1, 1], "float32"), (count, 1))
    flip = np.zeros(count, bool)
    if augmentation.crop_and_flip:
        side = random.uniform(augmentation.smallest, 1, count)
        aspect = np.exp(random.uniform(-STRETCH, STRETCH, count))
        extent = np.minimum(1, np.stack([side * aspect, side / aspect], axis=1))
        corner = random.uniform(size=(count, 2)) * (1 - extent)
        box = np.concatenate([corner, extent], axis=1).astype("float32")
        flip = random.random(count) < 0.5
    spread = augmentation.gamma
    exponent = np.exp(random.normal(0, spread, count)) if spread else np.ones(count)
    age = random.integers(2**62, size=count) if augmentation.aging else np.zeros(count, "int64")
    return Plan(which, box, flip, exponent.astype("float32"), age, _rectangles(random, count, augmentation.cutmix))


def _rectangles(random: np.random.Generator, count: int, probability: float) -> np.ndarray:
    """Draw the rectangles that are pasted: their areas evenly from 0 to 1, their places by chance."""
    if not probability:
        return np.zeros((count, 4), "float32")
    chosen = random.random((count, 1)) < probability
    extent = np.sqrt(random.uniform(size=(count, 1))).repeat(2, axis=1) * chosen
    corner = random.uniform(size=(count, 2)) * (1 - extent)
    return np.concatenate([corner, extent], axis=1).astype("float32")


def rectangle_masks(rectangles: Any, size: tuple[int, int]) -> Any:
    """Return whether pixels' centers lie in rectangles [N, 4], as `Plan.pasted` has them: bool [N, *size, 1]."""
    rows, columns = ((np.arange(side, dtype="float32") + 0.5) / side for side in size)
    top, left, height, width = (rectangles[:, k, None] for k in range(4))
    down = (rows >= top) & (rows < top + height)
    across = (columns >= left) & (columns < left + width)
    return (down[:, :, None] & across[:, None, :])[..., None]


def interpolation(start: Any, length: Any, source: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where `size` pixels spread over a stretch of a side lie: the pixel before each, and how far past it.

    ``start`` and ``length`` are fractions of the side, numbers or arrays [N, 1]; `source` is its number of pixels. This
    is linear interpolation between pixel centers: ``value = (1 - part) * side[before] + part * side[before + 1]``.
    """
    at = (start + (np.arange(size, dtype="float32") + 0.5) * (length / size)) * source - 0.5
    at = np.clip(at, 0, source - 1)
    before = np.minimum(at.astype("int64"), max(source - 2, 0))
    return before, (at - before).astype("float32")


def crop(image: np.ndarray, box: np.ndarray, flip: bool, size: tuple[int, int]) -> np.ndarray:
    """Cut `box` out of an image [H, W, C], stretch it to `size` (bilinear), mirror it if asked; float32.

    Meant for arrays at most half as large again as `size`: pixels are interpolated, not averaged.
    Defined in chapter 03.
    """
    for axis in (0, 1):
        if image.shape[axis] == size[axis] and box[2 + axis] == 1:
            continue  # nothing to cut on this side
        before, part = interpolation(box[axis], box[2 + axis], image.shape[axis], size[axis])
        part = part.reshape((-1, 1, 1) if axis == 0 else (-1, 1))
        # np.take with in-place arithmetic: 0.16 ms a photograph of 144 pixels; two matrix products take 6 ms.
        low = np.take(image, before, axis).astype("float32")
        high = np.take(image, np.minimum(before + 1, image.shape[axis] - 1), axis).astype("float32")
        high -= low
        high *= part
        image = low + high
    return (image[:, ::-1] if flip else image).astype("float32", copy=False)


class Batches:
    """Batches of (x, y) from arrays, the same for the same seed and epoch; needs neither Keras nor TensorFlow.

    Parameters
    ----------
    x, y : array, shape [N, H, W, C]
        Gray and color, float, or uint8, which a batch turns into [0, 1]: so 6,000 photographs take a quarter of the
        memory. They may be larger than `size`, and need not be in memory (``np.memmap``).
    batch_size, seed, epoch : int
        Set ``epoch`` to go on: ``batches.epoch += 1``.
    augmentation : Augmentation
        What is changed by chance.
    size : int, optional
        Side of the batches; the arrays' own where it isn't given.
    parts : int
        Into how many epochs a pass over the photographs is cut, all of one length; the few that are left over are
        others in each pass.
    beside : array, shape [N, ...], optional
        What else belongs to each photograph, such as an embedding. It is not augmented, and comes beside x.

    Raises
    ------
    ValueError
        If x and y don't hold equally many photographs of equal size, there are more parts than photographs, or x is to
        look old and isn't L, or y no a and b.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        seed: int,
        augmentation: Augmentation = NONE,
        epoch: int = 0,
        size: int | None = None,
        parts: int = 1,
        beside: np.ndarray | None = None,
    ) -> None:
        """Keep the arrays as they are: nothing is copied."""
        if x.ndim != 4 or y.ndim != 4 or x.shape[:3] != y.shape[:3]:
            raise ValueError(f"x {x.shape} and y {y.shape} don't pair; expected [N, H, W, C] with equal N, H and W.")
        if parts > max(1, len(x)):
            raise ValueError(
                f"{len(x)} photographs can't be shown in {parts} epochs a pass; expected {len(x)} or fewer."
            )
        if augmentation.aging and (x.shape[3] != 1 or y.shape[3] not in (2, 3)):
            raise ValueError(
                f"x {x.shape} and y {y.shape} can't be made to look old; expected L in x, and y that ends in a and b."
            )
        self.x, self.y, self.batch_size, self.seed, self.epoch = x, y, batch_size, seed, epoch
        self.augmentation, self.parts, self.beside = augmentation, parts, beside
        self.size: tuple[int, int] = (size, size) if size else x.shape[1:3]

    def __len__(self) -> int:
        """Return the number of batches of an epoch; the last one may be smaller."""
        return -(-(len(self.x) // self.parts) // self.batch_size)

    def plan(self) -> Plan:
        """Return what happens in this epoch: its part of a pass over the photographs."""
        whole = plan(len(self.x), self.seed, self.epoch // self.parts, self.augmentation)
        shown = len(self.x) // self.parts
        first = self.epoch % self.parts * shown
        return Plan(*(values[first : first + shown] for values in whole))

    def __getitem__(self, k: int) -> tuple[Any, np.ndarray]:
        """Return batch `k`: x and y, float32; (x, what is `beside` it) and y where there is such."""
        if not 0 <= k < len(self):
            raise IndexError(f"batch {k} of {len(self)}")
        chosen = Plan(*(values[k * self.batch_size : (k + 1) * self.batch_size] for values in self.plan()))
        crops = list(zip(chosen.which, chosen.box, chosen.flip, strict=True))
        x = np.stack([crop(as_float(self.x[i]), box, flip, self.size) for i, box, flip in crops])
        y = np.stack([crop(as_float(self.y[i]), box, flip, self.size) for i, box, flip in crops])
        if self.augmentation.aging:
            made = zip(x, y, chosen.age, strict=True)
            x = np.stack([aged(L, color[..., -2:], int(seed), self.augmentation.aging) for L, color, seed in made])
        if self.augmentation.gamma:
            x = np.clip(x, 0, 1) ** chosen.gamma[:, None, None, None]
        if self.augmentation.cutmix:
            replaced = rectangle_masks(chosen.pasted, self.size)
            x, y = (np.where(replaced, np.roll(maps, 1, axis=0), maps) for maps in (x, y))
        return x if self.beside is None else (x, self.beside[chosen.which]), y

    def __iter__(self) -> Iterator[tuple[Any, np.ndarray]]:
        """Go through the batches of this epoch."""
        return (self[k] for k in range(len(self)))


def pipeline(batches: Batches) -> Any:
    """Return the batches of one epoch as a ``tf.data.Dataset``: read, cache, augment, batch, paste, prefetch.

    The order is drawn by `plan`, because tf.data's own shuffle knows no order but its own. A second pass over the data
    set reads nothing: photographs come from the cache, in memory.
    """
    import tensorflow as tf

    x, y, drawn = batches.x, batches.y, batches.plan()
    rows, columns = (
        interpolation(drawn.box[:, axis, None], drawn.box[:, 2 + axis, None], x.shape[1 + axis], batches.size[axis])
        for axis in (0, 1)
    )

    def read(index: Any, *rest: Any) -> Any:
        pair = tf.numpy_function(
            lambda i: (as_float(x[i]).astype("float32"), as_float(y[i]).astype("float32")),
            [index],
            [tf.float32, tf.float32],
        )
        return tf.ensure_shape(pair[0], x.shape[1:]), tf.ensure_shape(pair[1], y.shape[1:]), *rest

    def side(image: Any, axis: int, before: Any, part: Any) -> Any:
        low = tf.gather(image, before, axis=axis)
        high = tf.gather(image, tf.minimum(before + 1, x.shape[1 + axis] - 1), axis=axis)
        return low + tf.reshape(part, (-1, 1, 1) if axis == 0 else (-1, 1)) * (high - low)

    def old(photo: Any, truth: Any, seed: Any) -> Any:
        strength = batches.augmentation.aging
        made = tf.numpy_function(lambda L, ab, s: aged(L, ab, int(s), strength), [photo, truth, seed], tf.float32)
        return tf.ensure_shape(made, photo.shape)

    def change(photo: Any, truth: Any, pasted: Any, flip: Any, exponent: Any, age: Any, rows: Any, columns: Any) -> Any:
        both = tf.concat([photo, truth], axis=-1)  # together, so that the pair stays one
        both = side(side(both, 0, *rows), 1, *columns)
        both = tf.where(flip, both[:, ::-1], both)
        photo, truth = both[..., : x.shape[-1]], both[..., x.shape[-1] :]
        photo = old(photo, truth[..., -2:], age) if batches.augmentation.aging else photo
        return (tf.clip_by_value(photo, 0, 1) ** exponent if batches.augmentation.gamma else photo), truth, pasted

    def paste(photos: Any, truths: Any, rectangles: Any) -> Any:
        replaced = rectangle_masks(rectangles, batches.size)
        return tuple(tf.where(replaced, tf.roll(maps, 1, axis=0), maps) for maps in (photos, truths))

    slices = (drawn.which, drawn.pasted, drawn.flip, drawn.gamma, drawn.age, rows, columns)
    pairs = tf.data.Dataset.from_tensor_slices(slices)
    pairs = pairs.map(read).cache()
    if batches.augmentation != NONE or batches.size != x.shape[1:3]:
        pairs = pairs.map(change, num_parallel_calls=tf.data.AUTOTUNE)
    else:
        pairs = pairs.map(lambda photo, truth, pasted, *rest: (photo, truth, pasted))
    return pairs.batch(batches.batch_size).map(paste).prefetch(tf.data.AUTOTUNE)
