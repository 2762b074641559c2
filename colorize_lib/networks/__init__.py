"""Networks: functions that build them, one family a module; every trained number of the course sits in one of these.

A builder needs a size that the network's stride divides, or None for any. The layers themselves do not know the size,
so weights trained at one size serve every other.
"""

from typing import Any

Model = Any  # keras.Model
Tensor = Any


def check_size(size: int | None, stride: int) -> None:
    """Raise a ValueError unless `size` is a multiple of `stride`; None, for any size, will do."""
    if size is not None and (size < stride or size % stride):
        raise ValueError(f"size is {size}; expected a multiple of {stride}, because each level halves the picture.")


def variable_paths(network: Model) -> dict[str, Any]:
    """Return all variables of a network by paths that depend on it alone.

    Keras counts the names of layers up through a whole program (``conv2d``, ``conv2d_1``, ...), so they say what was
    built before. Here a path holds the layer's place in its network, and the variable's place in its layer:
    ``03_Conv2D/0_kernel``, and ``01_Functional/03_Conv2D/0_kernel`` in a network within the network.

    Raises
    ------
    ValueError
        If the network holds variables outside of its layers.
    """
    paths: dict[str, Any] = {}
    for i, layer in enumerate(network.layers):
        if hasattr(layer, "layers"):
            inner = variable_paths(layer)
        else:
            inner = {f"{k}_{variable.name}": variable for k, variable in enumerate(layer.variables)}
        paths |= {f"{i:02d}_{type(layer).__name__}/{path}": variable for path, variable in inner.items()}
    if {id(variable) for variable in paths.values()} != {id(variable) for variable in network.variables}:
        raise ValueError(f"network '{network.name}' holds variables outside of its layers; give them a layer.")
    return paths
