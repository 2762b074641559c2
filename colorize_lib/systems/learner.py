"""Learners: what trains a colorizer, and is gone once it is trained. This module is imported when a training begins.

Both kinds train through ``keras.Model.fit``, so callbacks, progress and exact resume serve them alike.
"""

from collections.abc import Callable, Mapping

import keras

from colorize_lib.networks import Model, Tensor, variable_paths

Report = Mapping[str, Tensor]


class Learner(keras.Model):
    """Trains a colorizer.

    Parameters
    ----------
    colorizer : keras.Model
        What is measured, saved and exported.
    networks : mapping of str to keras.Model
        Every network whose numbers change in training, by the name under which checkpoints keep it. Where the colorizer
        itself learns, it stands under "colorizer".
    memory : mapping of str to keras.Variable
        What else a training must find again when it is resumed, such as a pool of images.

    Raises
    ------
    ValueError
        If a network is called "memory".
    """

    def __init__(
        self, colorizer: Model, networks: Mapping[str, Model], memory: Mapping[str, keras.Variable] | None = None
    ) -> None:
        """Keep the networks."""
        super().__init__(name="learner")
        if "memory" in networks:
            raise ValueError(
                "a network can't be called 'memory': checkpoints keep the learner's memory under that name."
            )
        self.colorizer, self.networks, self.memory = colorizer, dict(networks), dict(memory or {})
        self.built = True  # its networks are

    def optimizers(self) -> dict[str, keras.Optimizer]:
        """Return the optimizers by the name of the network whose numbers each of them changes."""
        raise NotImplementedError

    def state(self) -> dict[str, keras.Variable]:
        """Return every variable that a resumed run must find again, by a path that depends on the learner alone.

        Networks with their BatchNorm's averages and the seeds of their random layers, optimizers, and `memory`.
        """
        found = {f"memory/{name}": variable for name, variable in self.memory.items()}
        for name, network in self.networks.items():
            found |= {f"{name}/{path}": variable for path, variable in variable_paths(network).items()}
        for name, optimizer in self.optimizers().items():
            found |= {f"{name}/optimizer/{k:03d}": variable for k, variable in enumerate(optimizer.variables)}
        return found


class Supervised(Learner):
    """A colorizer that learns by one loss between its output and the truth, on every backend of Keras.

    Where the loss looks at an inner layer instead of the colors, `judged` is the network from the colorizer's input to
    that layer, which shares its layers.
    """

    def __init__(
        self,
        colorizer: Model,
        optimizer: keras.Optimizer,
        loss: Callable[[Tensor, Tensor], Tensor],
        jit: bool | str,
        judged: Model | None = None,
    ) -> None:
        """Compile it; `jit` is Keras's ``jit_compile``."""
        super().__init__(colorizer, {"colorizer": colorizer})
        self.judged = colorizer if judged is None else judged
        self.loss_of = loss
        self.compile(optimizer, loss=loss, jit_compile=jit)
        self.optimizer.build(self.trainable_variables)

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """Return what the loss looks at for a batch: its colors, unless there is another network to be judged."""
        return self.judged(x, training=training)

    def optimizers(self) -> dict[str, keras.Optimizer]:
        """Return the one that there is."""
        return {"colorizer": self.optimizer}


class Adversarial(Learner):
    """A colorizer that learns with and against other networks, each with its own optimizer (on TensorFlow alone).

    A system fills in `step`. There it calls `descend` once for each network that is to learn: gradients are taken with
    respect to that network's variables, so no network's ``trainable`` is ever switched, which Keras 3 would not notice
    once a step is compiled.

    Parameters
    ----------
    colorizer, networks, memory
        See `Learner`.
    optimizers : mapping of str to keras.Optimizer
        For each of the networks that learn, under the same name.
    reports : tuple of str
        The names of the numbers that `step` returns, ``loss`` among them. The history has their means over an epoch.

    Raises
    ------
    ValueError
        If Keras's backend is another one than TensorFlow, its precision is not float32, or no ``loss`` is reported.
    """

    def __init__(
        self,
        colorizer: Model,
        networks: Mapping[str, Model],
        optimizers: Mapping[str, keras.Optimizer],
        reports: tuple[str, ...],
        memory: Mapping[str, keras.Variable] | None = None,
    ) -> None:
        """Build the optimizers, so that a checkpoint finds all of their variables."""
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                f"KERAS_BACKEND is '{keras.backend.backend()}'; networks that learn against each other are trained "
                "with 'tensorflow' here. Set it, or leave it unset."
            )
        policy = keras.mixed_precision.dtype_policy().name
        if policy != "float32":
            raise ValueError(f"precision is '{policy}'; networks that learn against each other are trained in float32.")
        if "loss" not in reports:
            raise ValueError(
                f"reports are {', '.join(reports)}; expected 'loss' among them: the history is counted by it."
            )
        super().__init__(colorizer, networks, memory)
        for name, optimizer in optimizers.items():
            optimizer.build(networks[name].trainable_variables)
        self.by_network = dict(optimizers)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in reports}
        self.compile(optimizer=None, jit_compile=False)

    def optimizers(self) -> dict[str, keras.Optimizer]:
        """Return the optimizers by the name of their network."""
        return self.by_network

    def step(self, x: Tensor, y: Tensor) -> Report:
        """Let each network take its step on a batch; return the numbers to report."""
        raise NotImplementedError

    def descend(self, name: str | tuple[str, ...], loss_of: Callable[[], Tensor]) -> Tensor:
        """Let the network called `name` take one step down the gradient of ``loss_of()``, a scalar.

        Several networks that share a loss are named together: then it is computed once. Returns the loss before the
        step.
        """
        import tensorflow as tf

        names = (name,) if isinstance(name, str) else name
        variables = [self.networks[one].trainable_variables for one in names]
        with tf.GradientTape() as tape:
            loss = loss_of()
        gradients = tape.gradient(loss, [[one.value for one in own] for own in variables])
        for one, own, slopes in zip(names, variables, gradients, strict=True):
            self.by_network[one].apply(slopes, own)
        return loss

    def train_step(self, batch: tuple[Tensor, ...]) -> Report:
        """Do what ``fit`` asks for with each batch."""
        x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
        report = self.step(x, y)
        if report.keys() != self.trackers.keys():
            raise ValueError(f"the step reports {', '.join(report)}; announced were {', '.join(self.trackers)}.")
        for name, value in report.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}
