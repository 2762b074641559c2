"""Systems: the ways to color photographs that the course builds, in one table.

To add one, write a module with a `base.System` of its own and add a line here; recipes then name it. Everything else
(training, checkpoints, weights, results, the command, pages, the Turing test) serves it as it is.
"""

from collections.abc import Mapping
from typing import Any

from colorize_lib.settings import require_choice
from colorize_lib.systems.base import System
from colorize_lib.systems.chromagan import ChromaGAN
from colorize_lib.systems.classification import Classification
from colorize_lib.systems.conditional_gan import ConditionalGAN
from colorize_lib.systems.cyclegan import CycleGAN
from colorize_lib.systems.regression import EnlargedRegression, Gray, PaperRegression, Regression
from colorize_lib.systems.semantic_fusion import SemanticFusion

SYSTEMS: dict[str, type[System]] = {
    "gray": Gray,
    "paper": PaperRegression,
    "regression": Regression,
    "enlarged_regression": EnlargedRegression,
    "classification": Classification,
    "conditional_gan": ConditionalGAN,
    "semantic_fusion": SemanticFusion,
    "cyclegan": CycleGAN,
    "chromagan": ChromaGAN,
}


def find(name: str, options: Mapping[str, Any]) -> System:
    """Return the system called `name` with its options; a ValueError lists those there are."""
    require_choice("there is no system", name, SYSTEMS)
    return SYSTEMS[name].with_options(**options)
