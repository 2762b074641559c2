"""Zoo: trained networks by the recipe's name (taught in chapter 08)."""

from pathlib import Path

from colorize_lib.backend import start_keras
from colorize_lib.networks import Model
from colorize_lib.recipes import RECIPES, Recipe, find
from colorize_lib.storage import weights_files
from colorize_lib.storage.weights_files import SUFFIX, WeightsError


def weights_path(name: str) -> Path:
    """Return the weights file of the recipe `name`.

    It is the shipped one, else a copy in `settings.cache_dir` that is downloaded
    from the release of this version.

    Raises
    ------
    ValueError
        If there is no such recipe.
    WeightsError
        If the weights are not published, can't be downloaded or differ from the registry.
    """
    recipe = find(name)
    if not recipe.system.has_network:
        raise WeightsError(f"recipe '{name}' has no network, so it has no weights: {recipe.about}.")
    file = recipe.weights_name + SUFFIX
    if file not in weights_files.registry() and not (weights_files.models_dir() / file).is_file():
        raise WeightsError(
            f"there are no published weights of '{name}'; published: {weights_files.listed()}. "
            f"Train it with 'colorize train {name} --out runs/{name}', then name the {SUFFIX} file."
        )
    return weights_files.published(file)


def locate(name_or_path: str | Path) -> tuple[Recipe, Path]:
    """Return the recipe and the weights file of a recipe's name or of a path to a ``.weights.h5`` file."""
    path = Path(name_or_path)
    if not str(name_or_path).endswith(".h5"):
        return find(str(name_or_path)), weights_path(str(name_or_path))
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such file; expected a {SUFFIX} file or one of: {', '.join(RECIPES)}.")
    if not path.name.endswith(SUFFIX):
        raise WeightsError(f"{path}: expected a name that ends in {SUFFIX}, which Keras asks for; rename the file.")
    import h5py

    try:
        with h5py.File(path) as stored:
            name = stored.attrs.get(weights_files.ATTRIBUTE)
    except OSError as error:
        raise WeightsError(f"{path}: not a weights file (not HDF5, or cut off); copy or download it again.") from error
    if name not in RECIPES:
        stated = "states no recipe" if name is None else f"is of the recipe '{name}'"
        raise WeightsError(f"{path}: the file {stated}; expected one of: {', '.join(RECIPES)}.")
    return RECIPES[name], path


def load_model(name_or_path: str | Path) -> Model:
    """Return the trained network of a recipe, for photographs of any size.

    Parameters
    ----------
    name_or_path : str or path
        A recipe's name (``"ours"``), or a ``.weights.h5`` file written by `save_weights`.

    Returns
    -------
    keras.Model
        Not compiled, in float32.

    Raises
    ------
    ValueError
        If there is no such recipe.
    WeightsError
        If the weights are missing, damaged or of another network. It is a ValueError too.
    """
    return load(*locate(name_or_path))


def load(recipe: Recipe, path: Path) -> Model:
    """Return the network of `recipe` with the weights in `path`; see `load_model`."""
    start_keras()
    return weights_files.fill(recipe.build(), path, f"recipe '{recipe.name}'")
