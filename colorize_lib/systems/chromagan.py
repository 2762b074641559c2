"""ChromaGAN: a class distribution and a Wasserstein critic with a gradient penalty (taught in chapter 25).

After Vitoria, Raad and Ballester 2020; the penalty is that of Gulrajani et al. 2017.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from colorize_lib import data
from colorize_lib.networks import Model, Tensor, class_branch, classifier, critic, efficientnet
from colorize_lib.settings import require_choice, require_least
from colorize_lib.systems.base import System
from colorize_lib.systems.conditional_gan import judged
from colorize_lib.systems.semantic_fusion import SemanticFusion, embeddings

EPSILON = 1e-12  # under the root: where the critic has no slope at all, the root alone would have an infinite one
LEAST = 1e-7  # odds below it count as this much


def mixed(truth: Tensor, painted: Tensor, parts: Tensor) -> Tensor:
    """Return colors on the line between true and painted ones, [batch, height, width, 2].

    `parts` is how much of the truth each photograph gets, [batch, 1, 1, 1], between 0 and 1.
    """
    return parts * truth + (1 - parts) * painted


def gradient_penalty(judge: Model, light: Tensor, colors: Tensor) -> Tensor:
    """Return how far the critic's slope is from 1, a scalar: mean over photographs of (length - 1) squared.

    The slope is the gradient of the critic's answers, summed over their map, with respect to all a and b of a
    photograph; its length is the root of the sum of its squares. The penalty is itself a part of a loss, so its own
    gradient, with respect to the critic's weights, is a second derivative. Defined in chapter 25.

    Parameters
    ----------
    judge : keras.Model
        A critic, ``[L, colors]`` to a map [batch, rows, columns, 1].
    light, colors : tensor, shape [batch, height, width, 1] and [batch, height, width, 2]
        Where the slope is taken: L / 100, and (a, b) / 110 between true and painted ones, see `mixed`.
    """
    import tensorflow as tf
    from keras import ops

    with tf.GradientTape() as tape:
        tape.watch(colors)
        answers = ops.sum(judge([light, colors], training=True))
    slope = tape.gradient(answers, colors)
    length = ops.sqrt(ops.sum(ops.square(slope), axis=(1, 2, 3)) + EPSILON)
    return ops.mean(ops.square(length - 1))


def class_loss(taught: Tensor, logits: Tensor) -> Tensor:
    """Return how far the named classes are from the teacher's, a scalar: nats, mean over photographs.

    The Kullback-Leibler divergence ``sum p log(p / q)`` of the teacher's odds p, `taught`, from the branch's q, the
    softmax of `logits`; [batch, classes] both. It is 0 where both are equal. Defined in chapter 25.
    """
    from keras import ops

    named = ops.log_softmax(logits, axis=-1)
    return ops.mean(ops.sum(taught * (ops.log(ops.maximum(taught, LEAST)) - named), axis=-1))


@dataclass(frozen=True)
class ChromaGAN(System):
    """L to a and b, learned by the squared error, by a teacher's classes and by fooling a critic of patches.

    In each step the colorizer and what names its classes learn together, then the critic. A part that weighs 0 is left
    out: no teacher is asked, or there is no critic.
    """

    name: ClassVar[str] = "chromagan"
    precisions: ClassVar[tuple[str, ...]] = ("float32",)
    one_loss: ClassVar[bool] = False
    best_by: ClassVar[str] = "val_choice"

    classes: float = 0.003  # how much `class_loss` weighs beside the squared error
    fooling: float = 0.1  # how much the critic's mean answer weighs
    penalty: float = 10.0  # how much `gradient_penalty` weighs in the critic's loss
    critic_rate: float = 2e-5  # the critic's learning rate; the recipe's is the colorizer's
    names_rate: float = 1e-3  # that of the layer that names the classes: it alone begins with nothing learned
    beta_1: float = 0.5  # of Adam, all networks'
    receptive_field: int = 70  # of the critic, pixels: 16, 34 or 70
    critic_filters: int = 16
    enlarge: int = 2  # by which factor L is enlarged for the teacher, which learned from 224 pixels a side
    floor: float = 23.65  # dB on validation, see `conditional_gan.choice`: pretrained has 25.15 there

    def __post_init__(self) -> None:
        """Raise a ValueError if an option is none of those there are."""
        fields = [str(field) for field in critic.STRIDED]
        require_choice(f"system '{self.name}': receptive_field is", str(self.receptive_field), fields)
        least = {"classes": 0, "fooling": 0, "penalty": 0, "critic_filters": 1, "enlarge": 1}
        require_least(f"system '{self.name}'", self, least)

    @property
    def stride(self) -> int:
        """What height and width must be multiples of."""
        return efficientnet.STRIDE

    def build(self, size: int | None = None) -> Model:
        """Return the untrained colorizer."""
        return class_branch.chroma_unet(size)

    def begin(self, colorizer: Model, start: Model) -> None:
        """Give an untrained colorizer the numbers of `start`, which may lack the branch."""
        if any(layer.name in class_branch.ADDED for layer in start.layers):
            super().begin(colorizer, start)
        else:
            class_branch.begin(colorizer, start)

    def training_arrays(self, photographs: data.Photographs, compact: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return L / 100 and (a, b) / 110, float32 or float16."""
        return data.lab_arrays(photographs, "float16" if compact else "float32")

    def beside(self, x: np.ndarray, size: int) -> np.ndarray | None:
        """Return the teacher's odds of the classes for each photograph as it is seen whole, float32 [N, classes]."""
        if not self.classes:
            return None
        seen = SemanticFusion(enlarge=self.enlarge).beside(x, size)
        return np.asarray(classifier.load_head().predict(seen, verbose=0), "float32")

    def learner(self, colorizer: Model, optimizer: Callable[..., Any], jit: bool | str) -> Any:
        """Return the colorizer with what names its classes and its critic, and the step in which they learn."""
        return make_learner(self, colorizer, optimizer)

    def validate(self, colorizer: Model, photographs: data.Photographs) -> dict[str, float]:
        """Return ``val_psnr``, ``val_colorfulness``, as a ratio to the truth's, and ``val_choice``."""
        return judged(self, colorizer, photographs, self.floor)

    def code(self) -> tuple[Any, ...]:
        """Return the builder of the network."""
        return (class_branch.chroma_unet,)


def teachers_odds(light: np.ndarray, enlarge: int = 1) -> np.ndarray:
    """Return the teacher's odds of the classes, float32 [N, classes], for L / 100, [N, height, width, 1]; a few."""
    return np.asarray(classifier.load_head()(embeddings(light, enlarge)), "float32")


def make_learner(system: ChromaGAN, colorizer: Model, optimizer: Callable[..., Any]) -> Any:
    """Return the learner of a colorizer; its class is made here, because it needs Keras."""
    import keras
    from keras import ops

    from colorize_lib.systems.learner import Adversarial

    paint = class_branch.seen(colorizer)
    networks, rates = {"colorizer": colorizer}, dict[str, float]()
    reports, memory = ["loss", "mse"], dict[str, Any]()
    draws = keras.random.SeedGenerator(1)  # of how much of the truth is in a mixture
    if system.classes:
        networks["names"], rates["names"] = class_branch.namer(), system.names_rate
        reports += ["classes"]
    if system.fooling:
        networks["critic"] = critic.patch_critic(system.receptive_field, system.critic_filters)
        rates["critic"] = system.critic_rate
        reports += ["fooling", "critic_loss", "distance", "penalty"]
        memory["draws"] = draws.state

    class Rivals(Adversarial):
        """The colorizer, what names its classes, and the critic."""

        def step(self, x: Any, y: Tensor) -> Mapping[str, Tensor]:
            """Let the colorizer learn, then the critic; x is L, or L and the teacher's odds."""
            light, taught = x if isinstance(x, tuple | list) else (x, None)
            light, truth = ops.convert_to_tensor(light), ops.convert_to_tensor(y)  # arrays where it isn't compiled
            parts: dict[str, Tensor] = {}

            def loss() -> Tensor:
                parts.update(self.aims(light, taught, truth))
                return sum(parts[name] * weight for name, weight in weights.items())

            weights = {"mse": 1.0}
            weights |= {name: getattr(system, name) for name in ("classes", "fooling") if getattr(system, name)}
            total = self.descend(tuple(name for name in networks if name != "critic"), loss)
            shown = {"loss": total, **{name: parts[name] for name in weights}}
            return shown | (self.critics_step(light, truth, parts["painted"]) if system.fooling else {})

        def aims(self, light: Tensor, taught: Tensor, truth: Tensor) -> dict[str, Tensor]:
            """Return what the colorizer makes small, part by part, and what it paints."""
            painted, whole = paint(light, training=True)
            parts = {"painted": painted, "mse": ops.mean(ops.square(painted - truth))}
            if system.classes:
                parts["classes"] = class_loss(taught, networks["names"](whole, training=True))
            if system.fooling:
                # The critic looks on with training=False: this step must leave all of its numbers alone.
                parts["fooling"] = -ops.mean(networks["critic"]([light, painted], training=False))
            return parts

        def critics_step(self, light: Tensor, truth: Tensor, painted: Tensor) -> dict[str, Tensor]:
            """Let the critic learn to answer more for true colors than for painted ones, with a slope of 1 between."""
            painted = ops.stop_gradient(painted)
            between = mixed(truth, painted, keras.random.uniform((ops.shape(light)[0], 1, 1, 1), seed=draws))
            parts: dict[str, Tensor] = {}

            def loss() -> Tensor:
                both = ops.concatenate([truth, painted], axis=0)
                answers = networks["critic"]([ops.concatenate([light, light], axis=0), both], training=True)
                real, fake = answers[: ops.shape(light)[0]], answers[ops.shape(light)[0] :]
                parts["distance"] = ops.mean(real) - ops.mean(fake)
                parts["penalty"] = gradient_penalty(networks["critic"], light, between)
                return system.penalty * parts["penalty"] - parts["distance"]

            return {"critic_loss": self.descend("critic", loss), **parts}

    optimizers = {name: optimizer(learning_rate=rate, beta_1=system.beta_1) for name, rate in rates.items()}
    optimizers["colorizer"] = optimizer(beta_1=system.beta_1)
    return Rivals(colorizer, networks, optimizers, tuple(reports), memory)
