"""Zoo: trained networks by the recipe's name (taught in chapter 08)."""

from pathlib import Path

from colorize_lib.backend import start_keras
from colorize_lib.networks import Model
from colorize_lib.recipes import RECIPES, Recipe, find
from colorize_lib.settings import MODEL
from colorize_lib.storage import weights_files
from colorize_lib.storage.weights_files import SUFFIX, WeightsError

# What the command, the color Turing test and the pages offer, in their order: recipe, and what readers are told.
OFFERED = {
    MODEL: "pretrained: begun with a network that names what photographs show",
    "ours": "ours: the course's U-Net",
    "ours_vivid": "ours, vivid: the same with its chroma raised",
    "ours_l2": "ours, L2: the same trained further with the squared error",
    "classification": "classification: a color by the odds of each, rare colors weighing more",
    "fusion": "fusion: told by a classifier what the photograph shows",
    "pix2pix": "pix2pix: learned against a critic that judges patches",
    "dcgan": "DCGAN: learned against a critic that judges painted lightness, too",
    "chromagan": "ChromaGAN: learned to name what photographs show, and against a critic",
    "cyclegan": "CycleGAN: learned without pairs, from gray and color photographs of different places",
    "paper": "the paper's network",
}

# What the page that colors a reader's photograph offers, in its order, the first unless another is asked for: recipe,
# and what readers are told. `paper` is not among them: a reader would wait for 16 MB.
ON_THE_PAGE = {
    MODEL: "Begun with a network that names what photographs show; on average nearest to the true colors here.",
    "ours": "The course's own network, trained from the beginning on landscapes.",
    "pretrained_vivid": "The colors of pretrained with more chroma, so that they are as vivid as photographs are.",
    "classification": "Gives the odds of each color, rare colors weighing more, and takes their sharpened mean.",
    "fusion": "Told by a network that names what photographs show, which is a part of it and makes it larger: 7 MB.",
    "pix2pix": "Learned to deceive a critic, a network that tells painted colors from true ones patch by patch.",
    "dcgan": "Learned against a critic, too, which also judged the lightness that this network painted then.",
    "chromagan": "Learned to name what a photograph shows while it learned to color, and against a critic of patches.",
    "cyclegan": "Learned without pairs at 64 pixels a side, from gray and from color photographs of different places.",
}


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
