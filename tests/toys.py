"""A toy system of two networks that learn against each other: all that a new system has to be."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from colorize_lib import data, recipes
from colorize_lib.networks import Model, check_size
from colorize_lib.systems.base import System


def toy_network(size: int | None) -> Model:
    """A network with everything that has a state: batch normalization and dropout."""
    import keras
    from keras import layers

    inputs = keras.Input((size, size, 1), name="L")
    x = layers.Conv2D(8, 4, strides=2, padding="same")(inputs)
    x = layers.Dropout(0.2)(layers.LeakyReLU()(layers.BatchNormalization()(x)))
    return keras.Model(inputs, layers.Conv2DTranspose(2, 4, strides=2, padding="same")(x), name="toy")


def toy_critic() -> Model:
    """A network that looks at L, a and b, and says one number."""
    import keras
    from keras import layers

    inputs = keras.Input((None, None, 3))
    x = layers.Dropout(0.2)(layers.LeakyReLU()(layers.Conv2D(8, 4, strides=2, padding="same")(inputs)))
    return keras.Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling2D()(x)), name="critic")


@dataclass(frozen=True)
class ToyGAN(System):
    """A GAN, or, with a weight for the gradient penalty, a WGAN-GP (Gulrajani et al. 2017)."""

    name: ClassVar[str] = "toy_gan"
    precisions: ClassVar[tuple[str, ...]] = ("float32",)
    one_loss: ClassVar[bool] = False

    penalty: float = 0.0

    @property
    def stride(self) -> int:
        return 2

    def build(self, size: int | None = None) -> Model:
        check_size(size, self.stride)
        return toy_network(size)

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        return data.lab_arrays(photographs, "float16" if compact else "float32")

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        return make_learner(colorizer, toy_critic(), optimizer, self.penalty)

    def code(self) -> tuple[Any, ...]:
        return (toy_network,)


def make_learner(colorizer: Model, critic: Model, optimizer: Callable[..., Any], penalty: float) -> Any:
    """Return the learner; its class is made here, because it needs Keras."""
    import keras
    import tensorflow as tf
    from keras import ops

    from colorize_lib.systems.learner import Adversarial

    draws = keras.random.SeedGenerator(1)

    def critics_cost(real: Any, fake: Any) -> Any:
        """How far the critic is from telling real from fake by its numbers."""
        if penalty:
            return ops.mean(fake) - ops.mean(real)
        return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))

    def gradient_penalty(real: Any, fake: Any) -> Any:
        mixed = real + keras.random.uniform((ops.shape(real)[0], 1, 1, 1), seed=draws) * (fake - real)
        with tf.GradientTape() as tape:
            tape.watch(mixed)
            said = critic(mixed, training=True)
        slopes = ops.sqrt(ops.sum(ops.square(tape.gradient(said, mixed)), axis=(1, 2, 3)) + 1e-12)
        return ops.mean(ops.square(slopes - 1))

    class Toy(Adversarial):
        def step(self, x: Any, y: Any) -> Any:
            # The critic's fakes are made outside of its loss: nothing flows back into the colorizer.
            real, fake = ops.concatenate([x, y], -1), ops.concatenate([x, colorizer(x, training=True)], -1)

            def critics_loss() -> Any:
                loss = critics_cost(critic(real, training=True), critic(fake, training=True))
                return loss + penalty * gradient_penalty(real, fake) if penalty else loss

            def colorizers_loss() -> Any:
                # The critic looks on with training=False: this step must leave all of its numbers alone.
                ab = colorizer(x, training=True)
                return 10 * ops.mean(ops.abs(ab - y)) - ops.mean(critic(ops.concatenate([x, ab], -1), training=False))

            return {
                "critic_loss": self.descend("critic", critics_loss),
                "loss": self.descend("colorizer", colorizers_loss),
            }

    return Toy(
        colorizer,
        {"colorizer": colorizer, "critic": critic},
        {"colorizer": optimizer(), "critic": optimizer(learning_rate=2e-4, beta_1=0.5)},
        ("loss", "critic_loss"),
        {"draws": draws.state},
    )


SMALL = replace(recipes.find("ours"), size=32, stored_size=32, batch_size=16, precision="float32", epochs=2)
RECIPES = {
    "toy_gan": replace(SMALL, name="toy_gan", system=ToyGAN(), schedule="constant", optimizer="adam"),
    "toy_wgan": replace(SMALL, name="toy_wgan", system=ToyGAN(penalty=10.0), schedule="constant", optimizer="adam"),
}
