"""CycleGAN: learning to color without pairs (taught in chapter 24).

After CycleGAN (Zhu et al. 2017) and its form for colorization, Color-CycleGAN (Xiao et al. 2019).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from colorize_lib import color, data
from colorize_lib.networks import Model, Tensor, critic, picture_unet
from colorize_lib.settings import require_choice, require_least
from colorize_lib.systems.base import System
from colorize_lib.systems.conditional_gan import critics_loss, fooling_loss, judged, says_real

GAME = "squares"
GENERATORS = ("colorizer", "grayer")
REPORTS = ("loss", "cycle", "color", "identity", "fooling", "critic_loss", "said_real", "said_fake")


def halves(photographs: data.Photographs) -> tuple[data.Photographs, data.Photographs]:
    """Return the photographs with even ids, which are shown in gray, and those with odd ids, which are shown in color.

    As many of each; the odd ones in reversed order, because two that follow each other may show one place. A ValueError
    is raised if there are none of a kind.
    """
    even, odd = (photographs.select(np.flatnonzero(photographs.ids % 2 == rest)) for rest in (0, 1))
    count = min(len(even), len(odd))
    if not count:
        raise ValueError(
            f"{photographs.source}: {len(even)} photographs have even ids and {len(odd)} odd ones; "
            "expected some of each: the former are shown in gray, the latter in color."
        )
    return even.select(slice(count)), odd.select(np.arange(count)[::-1])


def in_gray(photographs: data.Photographs) -> np.ndarray:
    """Return photographs as gray ones that are as light, uint8 [N, H, W, 3]: three equal channels."""
    gray = np.empty_like(photographs.rgb)
    for i, rgb in enumerate(photographs.rgb):  # one at a time: all at once would need five times the memory
        gray[i] = color.as_uint8(color.gray_as_light(rgb))
    return gray


def distance(one: Tensor, other: Tensor) -> Tensor:
    """Return the mean of |one - other|, a scalar: the L1 of every loss below."""
    from keras import ops

    return ops.mean(ops.abs(one - other))


@dataclass(frozen=True)
class CycleGAN(System):
    """R, G, B to R, G, B both ways, learned from gray and from color photographs of different places.

    `paired` is the control: the same generator, trained by L1 on photographs that it sees in gray and in color.
    """

    name: ClassVar[str] = "cyclegan"
    precisions: ClassVar[tuple[str, ...]] = ("float32",)
    one_loss: ClassVar[bool] = False
    best_by: ClassVar[str] = "val_choice"

    cycle: float = 10.0  # how much it weighs that the way there and back leads to where it began
    color: float = 10.0  # that what is painted is as light as what went in
    identity: float = 5.0  # that a picture is left as it is if it is of the wanted kind already
    paired: bool = False
    beta_1: float = 0.5  # of Adam, all networks'
    width: int = picture_unet.WIDTH
    receptive_field: int = 34  # of both critics, pixels: 16, 34 or 70
    critic_filters: int = 16
    pool: int = 50  # painted pictures that are kept for each critic
    side: int = 64  # pixels, of the pictures in the pools: the recipe's size
    floor: float = 22.69  # dB on validation, see `conditional_gan.choice`: gray has 23.69 there at 64 px

    def __post_init__(self) -> None:
        """Raise a ValueError if an option is none of those there are."""
        fields = [str(field) for field in critic.STRIDED]
        require_choice(f"system '{self.name}': receptive_field is", str(self.receptive_field), fields)
        least = {"cycle": 0, "color": 0, "identity": 0, "width": 1, "critic_filters": 1, "pool": 1, "side": 1}
        require_least(f"system '{self.name}'", self, least)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return picture_unet.STRIDE

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer."""
        return picture_unet.as_colorizer(picture_unet.picture_unet(size, self.width))

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return photographs in gray and others in color, R, G, B each; no photograph is in both.

        Only where the system is `paired`, both are the photographs that are shown in color.
        """
        gray, colored = halves(photographs)
        x, y = in_gray(colored if self.paired else gray), colored.rgb
        return (x, y) if compact else (color.as_float(x), color.as_float(y))

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the colorizer with the networks beside which it learns."""
        return (make_paired_learner if self.paired else make_learner)(self, colorizer, optimizer)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_psnr``, ``val_colorfulness``, as a ratio to the truth's, and ``val_choice``."""
        return judged(self, colorizer, photographs, self.floor)

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network, and what makes a colorizer of it."""
        return (picture_unet.picture_unet, picture_unet.as_colorizer)


class Pool:
    """Painted pictures of earlier steps, from which a critic is shown some (Shrivastava et al. 2017).

    It is state: `memory` belongs into the checkpoint.
    """

    def __init__(self, count: int, side: int, seed: int) -> None:
        """Begin with an empty pool of `count` pictures [side, side, 3]."""
        import keras

        self.count = count
        self.pictures = keras.Variable(np.zeros((count, side, side, 3), "float32"), trainable=False, name="pictures")
        self.held = keras.Variable(0, trainable=False, dtype="int32", name="held")
        self.draws = keras.random.SeedGenerator(seed)

    def memory(self, name: str) -> dict[str, Any]:
        """Return all that a resumed run must find again."""
        return {f"{name}/pictures": self.pictures, f"{name}/held": self.held, f"{name}/draws": self.draws.state}

    def exchange(self, new: Tensor) -> Tensor:
        """Return pictures for the critic, as many as the `new` ones, at most as many as the pool has places.

        While the pool is filled these are the new ones. Then half of them, by chance, are left in the pool, each in
        exchange for a picture from there.
        """
        import keras
        from keras import ops

        n = ops.shape(new)[0]
        full = ops.cast(self.held >= self.count, "int32")
        filling = (self.held + ops.arange(n)) % self.count
        places = full * keras.random.shuffle(ops.arange(self.count), seed=self.draws)[:n] + (1 - full) * filling
        chance = keras.random.uniform((n, 1, 1, 1), seed=self.draws) < 0.5
        kept = ops.take(self.pictures, places, axis=0)
        left = ops.logical_or(chance, full == 0)
        self.pictures.assign(ops.scatter_update(self.pictures, places[:, None], ops.where(left, new, kept)))
        self.held.assign(ops.minimum(self.held + n, self.count))
        return ops.where(ops.logical_and(chance, full == 1), kept, new)


def make_paired_learner(system: CycleGAN, colorizer: Model, optimizer: Callable[..., Any]) -> Any:
    """Return the learner of the control; its class is made here, because it needs Keras."""
    from colorize_lib.systems.learner import Adversarial

    paint = picture_unet.generator_of(colorizer)

    class Paired(Adversarial):
        """A generator that is told the true colors."""

        def step(self, x: Tensor, y: Tensor) -> Mapping[str, Tensor]:
            """Let it learn by L1 on R, G, B."""
            return {"loss": self.descend("colorizer", lambda: distance(paint(x, training=True), y))}

    return Paired(colorizer, {"colorizer": colorizer}, {"colorizer": optimizer(beta_1=system.beta_1)}, ("loss",))


def make_learner(system: CycleGAN, colorizer: Model, optimizer: Callable[..., Any]) -> Any:
    """Return the learner of a colorizer; its class is made here, because it needs Keras."""
    from keras import ops

    from colorize_lib.systems.learner import Adversarial

    networks = {"colorizer": colorizer, "grayer": picture_unet.picture_unet(width=system.width)}
    for one in ("critic", "gray_critic"):
        networks[one] = picture_unet.picture_critic(system.receptive_field, system.critic_filters)
    to_color, to_gray = picture_unet.generator_of(colorizer), networks["grayer"]
    pools = {name: Pool(system.pool, system.side, seed) for seed, name in enumerate(("critic", "gray_critic"))}

    class Cycle(Adversarial):
        """Two generators and two critics."""

        def step(self, x: Tensor, y: Tensor) -> Mapping[str, Tensor]:
            """Let the generators learn together, then each critic; x is in gray, y in color."""
            gray, colors = ops.convert_to_tensor(x), ops.convert_to_tensor(y)  # arrays where the step isn't compiled
            parts: dict[str, Tensor] = {}

            def loss() -> Tensor:
                parts.update(self.parts(gray, colors))
                return sum(parts[name] * weight for name, weight in weights.items() if weight)

            weights = {"fooling": 1.0, "cycle": system.cycle, "color": system.color, "identity": system.identity}
            total = self.descend(GENERATORS, loss)
            shown = {name: parts[name] for name in weights}
            of_gray = self.critics_step("gray_critic", gray, parts["faded"])
            of_color = self.critics_step("critic", colors, parts["painted"])
            both = of_color["critic_loss"] + of_gray["critic_loss"]
            return {"loss": total, **shown, **of_color, "critic_loss": both}

        def parts(self, gray: Tensor, colors: Tensor) -> dict[str, Tensor]:
            """Return what the generators make small, part by part, and what they paint.

            A part that weighs nothing is 0 and isn't computed.
            """
            painted, faded = to_color(gray, training=True), to_gray(colors, training=True)
            # Critics look on with training=False: the generators' step must leave all of their numbers alone.
            fooling = sum(
                fooling_loss(networks[judge](one, training=False), GAME)
                for judge, one in (("critic", painted), ("gray_critic", faded))
            )
            nothing = ops.zeros(())
            cycle = color_loss = identity = nothing
            if system.cycle:
                cycle = distance(to_gray(painted, training=True), gray) + distance(
                    to_color(faded, training=True), colors
                )
            if system.color:
                color_loss = sum(
                    distance(color.gray_as_light(one), color.gray_as_light(other))
                    for one, other in ((painted, gray), (faded, colors))
                )
            if system.identity:
                identity = distance(to_color(colors, training=True), colors) + distance(
                    to_gray(gray, training=True), gray
                )
            found = {"fooling": fooling, "cycle": cycle, "color": color_loss, "identity": identity}
            return {**found, "painted": painted, "faded": faded}

        def critics_step(self, name: str, real: Tensor, painted: Tensor) -> dict[str, Tensor]:
            """Let a critic learn to tell real pictures from painted ones, of this step and of earlier ones."""
            fake, said = pools[name].exchange(ops.stop_gradient(painted)), dict[str, Tensor]()

            def loss() -> Tensor:
                answers = networks[name](ops.concatenate([real, fake], axis=0), training=True)
                parts = answers[: ops.shape(real)[0]], answers[ops.shape(real)[0] :]
                said["said_real"], said["said_fake"] = (says_real(one, GAME) for one in parts)
                return critics_loss(*parts, GAME)

            return {"critic_loss": self.descend(name, loss), **said}

    return Cycle(
        colorizer,
        networks,
        {name: optimizer(beta_1=system.beta_1) for name in networks},
        REPORTS,
        {path: variable for name, pool in pools.items() for path, variable in pool.memory(name).items()},
    )
