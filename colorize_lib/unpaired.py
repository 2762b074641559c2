"""What a cycle hides in the gray photographs that it paints (taught in chapter 24).

    python -m colorize_lib.unpaired FOLDER

takes both generators out of the checkpoint of a run of the system `cyclegan`, ships them, measures them on the
validation photographs of the landscapes, and writes data/results/unpaired.json. Beside them stand the gray test
photographs, each by itself. Without FOLDER the shipped ones are
measured again.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from colorize_lib import color, data, metrics, provenance, results, schema
from colorize_lib.backend import start_keras
from colorize_lib.networks import Model, picture_unet, variable_paths
from colorize_lib.recipes import find
from colorize_lib.settings import data_dir
from colorize_lib.storage import weights_files, writing

NAME = "unpaired"  # of the file in data/results
RUN = "cyclegan"  # the recipe
GENERATORS = "cyclegan_both_ways"  # the weights file: both generators, as they were after the last step
NOISE = (1, 2, 4, 8)  # standard deviations, in steps of 8 bits
GRAIN = "with noise of {}"


def both_ways(width: int = picture_unet.WIDTH) -> Model:
    """Return both generators, untrained: a gray and a color picture, [batch, height, width, 3] each, to the other kind.

    They are its layers "to_color" and "to_gray".
    """
    import keras

    kinds = ("gray", "color")
    pictures = [keras.Input((None, None, 3), name=kind) for kind in kinds]
    to_color, to_gray = (picture_unet.picture_unet(width=width, name=f"to_{kind}") for kind in kinds[::-1])
    return keras.Model(pictures, [to_color(pictures[0]), to_gray(pictures[1])], name="both_ways")


def shipped() -> tuple[Model, Model]:
    """Return the generators of `cyclegan`, to color and to gray, as they were after the last step of the run."""
    start_keras()
    both = weights_files.fill(both_ways(), weights_files.published(GENERATORS + weights_files.SUFFIX), GENERATORS)
    return both.get_layer("to_color"), both.get_layer("to_gray")


def ship(folder: Path) -> None:
    """Take both generators out of the checkpoint of a run, and ship them."""
    start_keras()
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    both = both_ways(settings["recipe"]["options"]["width"])
    with np.load(folder / "checkpoint.npz") as stored:
        for layer, prefix in (("to_color", "colorizer"), ("to_gray", "grayer")):
            for path, variable in variable_paths(both.get_layer(layer)).items():
                (found,) = [key for key in stored.files if key.startswith(f"{prefix}/") and key.endswith(path)]
                variable.assign(stored[found])
    weights_files.save(both, weights_files.models_dir() / (GENERATORS + weights_files.SUFFIX), GENERATORS)
    weights_files.register(GENERATORS)


def without_color(picture: np.ndarray) -> np.ndarray:
    """Return pictures [..., 3] with the mean of R, G and B in each of the three channels."""
    return np.repeat(picture.mean(axis=-1, keepdims=True), 3, axis=-1)


def amplified(picture: np.ndarray, times: float) -> np.ndarray:
    """Return what sets a picture, R, G, B in [0, 1], apart from `without_color` of it, `times` as large, around gray.

    uint8 [..., 3]: where the picture is gray, all three are 128.
    """
    return color.as_uint8(0.5 + times * (picture - without_color(picture)))


def noisy(picture: np.ndarray, steps: float) -> np.ndarray:
    """Return a picture with Gaussian noise of that standard deviation in steps of 8 bits, in R, G and B apart."""
    grain = np.random.default_rng(0).normal(0, steps / 255, picture.shape)
    return (picture + grain).astype("float32")


def painted_grays(rgb: np.ndarray, faded: np.ndarray) -> dict[str, np.ndarray]:
    """Return gray pictures that a generator may be asked to color, by what was done to them, float32 [N, H, W, 3].

    `rgb` are color photographs, uint8, `faded` what the other generator painted of them. The first is `faded` itself;
    those that begin with "true" are the photographs in gray, of which nothing was painted.
    """
    true = np.repeat(color.gray_as_light(rgb), 3, axis=-1).astype("float32")
    kinds: dict[str, np.ndarray] = {"painted": faded, "painted, three equal channels": without_color(faded)}
    kinds |= {f"painted, {GRAIN.format(steps)}": noisy(faded, steps) for steps in NOISE}
    kinds |= {"true": true} | {f"true, {GRAIN.format(steps)}": noisy(true, steps) for steps in NOISE}
    return kinds


def painter(generator: Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function that lets a generator paint pictures [N, H, W, 3], 50 at a time."""
    return lambda pictures: np.concatenate(
        [np.asarray(generator.predict_on_batch(pictures[i : i + 50])) for i in range(0, len(pictures), 50)]
    )


def measured(rgb: np.ndarray, to_color: Any, to_gray: Any) -> dict[str, Any]:
    """Return what is measured of a cycle that begins at color photographs, uint8 [N, H, W, 3].

    ``rows``: for each of `painted_grays` what is colored of it, as mean PSNR to the photograph with interval, and as
    colorfulness by the photographs' own. ``trace``: how far the channels of what is painted in gray are from their
    mean, in steps of 8 bits, and ``truth_trace`` the same of the photographs. ``gray_psnr``: how near that mean is to
    the true gray, dB.
    """
    faded = painter(to_gray)(color.as_float(rgb))
    rows = {}
    for kind, picture in painted_grays(rgb, faded).items():
        colored = color.as_uint8(painter(to_color)(picture))
        ratio = metrics.colorfulness(colored).mean() / metrics.colorfulness(rgb).mean()
        rows[kind] = {"psnr": results.mean_and_interval(metrics.psnr(rgb, colored)), "colorfulness_ratio": float(ratio)}
    true = color.as_uint8(np.repeat(color.gray_as_light(rgb), 3, axis=-1))
    near = metrics.psnr(true, color.as_uint8(without_color(faded)))
    traces = {"trace": faded, "truth_trace": color.as_float(rgb)}
    apart = {name: 255 * float(np.abs(one - without_color(one)).mean()) for name, one in traces.items()}
    return {"rows": rows, **apart, "gray_psnr": float(near.mean())}


def gray_row(photographs: data.Photographs) -> dict[str, list[float]]:
    """Return PSNR and CIEDE2000 of the unchanged gray photographs, one number each, to be paired with a recipe's."""
    gray = find("gray").system.predict(None, photographs)
    found = {"psnr": metrics.psnr(photographs.rgb, gray), "ciede2000": metrics.ciede2000(photographs.rgb, gray)}
    return {name: values.astype("float64").round(5).tolist() for name, values in found.items()}


def above_gray(name: str, metric: str) -> schema.Interval:
    """Return by how much the recipe `name` is above the gray test photographs at its size, with its interval.

    `metric` is ``psnr`` or ``ciede2000``. A ValueError is raised if the recipe was measured on other photographs.
    """
    own, stored = results.read(name), results.measurement(NAME)
    if own["data"]["fingerprint"] != stored["data"]["test"]:
        raise ValueError(f"'{name}' was measured on other photographs than the gray ones; there is nothing to pair.")
    return results.mean_and_interval(np.array(own["each"][metric]) - np.array(stored["gray"][metric]))


def code_version() -> str:
    """Return 16 hexadecimal digits that change with the code that measures; see `provenance.code_hash`."""
    return provenance.code_hash(measured, both_ways, gray_row)


def main(folder: str | None = None) -> None:
    """Ship the generators of a run, measure them, and write the file."""
    if folder:
        ship(Path(folder))
    size = find(RUN).size
    parts = data.split(data.load("landscape", size, first=data.SPLIT["val"][0]))
    found = {
        "val": measured(parts["val"].rgb, *shipped()),
        "gray": gray_row(parts["test"]),
        "data": {part: data.fingerprint(parts[part]) for part in ("val", "test")},
        "code": code_version(),
        "made_with": provenance.made_with(),
    }
    writing.write_json(data_dir() / "results" / f"{NAME}.json", found)


if __name__ == "__main__":
    main(*sys.argv[1:2])
