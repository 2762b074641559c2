"""The schema of a results file, and the check that one keeps to it."""

from typing import Any, NotRequired, TypedDict, get_args, get_origin, get_type_hints, is_typeddict


class Interval(TypedDict):
    """A mean over photographs with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


Metrics = dict[str, Interval]  # by metric, see `results.HEADINGS`


class DataMeasured(TypedDict):
    """Which photographs were measured on."""

    source: str
    split: str  # "train", "val", "test" or "all"
    size: int  # pixels a side
    photographs: int
    fingerprint: str  # see `data.fingerprint`


class OtherEpoch(TypedDict):
    """The last epoch of a run of which another one was kept."""

    epoch: int
    metrics: Metrics


class Result(TypedDict):
    """What `results.evaluate` measured; and, of a run, what `training.run` adds."""

    recipe: dict[str, Any]  # see `Recipe.to_json`
    metrics: Metrics
    gray: Metrics  # of the photographs unchanged
    scenes: dict[str, Metrics]
    each: dict[str, list[float]]  # one number a photograph, so that differences can be paired
    truth_colorfulness: float
    parameters: int
    data: DataMeasured
    code: str  # see `results.code_version`
    made_with: dict[str, str]  # versions and device
    sample: NotRequired[Metrics]  # on the sample that comes with the course
    epoch: NotRequired[int]  # whose weights are kept
    history: NotRequired[dict[str, list[float]]]  # one number an epoch
    seconds_an_epoch: NotRequired[float]
    peak_memory_mb: NotRequired[float]  # 10^6 bytes
    bytes: NotRequired[int]  # of the weights file
    other: NotRequired[OtherEpoch]
    seeds: NotRequired[dict[str, dict[str, float]]]  # by seed: each metric's mean
    histories: NotRequired[dict[str, dict[str, list[float]]]]  # of the other seeds
    measured_with: NotRequired[dict[str, str]]  # where the weights were measured again on another machine


class Plausible(TypedDict):
    """What `plausibility.row` measured of one recipe."""

    recipe: str
    chroma_gain: float  # with which its chroma was multiplied
    seeds: int  # how many trained networks the row is of
    metrics: Metrics
    each: dict[str, list[float]]  # one number a photograph, so that differences can be paired
    fid: dict[str, float]  # by the number of photographs
    weights: str  # sha256 of the file, "" without a network
    code: str  # see `plausibility.code_version`
    made_with: dict[str, str]


class Plausibility(TypedDict):
    """The file plausibility.json."""

    data: DataMeasured
    fid_truth: dict[str, float]  # of true photographs from other true ones, by their number
    rows: dict[str, Plausible]


def mismatch(value: Any, expected: Any, where: str = "") -> str | None:
    """Return what about `value` is not as `expected`, a TypedDict or another type, says; None if nothing."""
    if is_typeddict(expected):
        if not isinstance(value, dict):
            return f"{where or 'the file'} is not an object"
        hints = get_type_hints(expected)
        lacking, unknown = sorted(expected.__required_keys__ - value.keys()), sorted(value.keys() - hints.keys())
        if lacking or unknown:
            return f"{where or 'it'} {'lacks' if lacking else 'holds unknown'} {', '.join(lacking or unknown)}"
        return next(filter(None, (mismatch(value[key], hints[key], f"{where}/{key}") for key in value)), None)
    kind = get_origin(expected) or expected
    if kind is Any:
        return None
    if not isinstance(value, int | float if kind is float else kind) or (isinstance(value, bool) and kind is not bool):
        return f"{where} is {type(value).__name__}, expected {kind.__name__}"
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = get_args(expected)[-1] if get_args(expected) else Any
    return next(filter(None, (mismatch(one, inner, f"{where}/{key}") for key, one in items)), None)
