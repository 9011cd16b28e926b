"""Description of an artifact: a JSON text at the end of the file, readable without running it."""

import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, Optional, Union, get_args, get_origin

from ..errors import ArtifactError
from .carriers import MAX_TEXT

DTYPES = ("float32", "float64", "float16", "bfloat16", "int16", "int32")
"""Allowed types of inputs."""

STATE_DTYPES = FURTHER_DTYPES = (*DTYPES, "int64", "bool")
"""Allowed types of the tensors of a state, and of inputs after the first."""

MOST_STATES, MOST_STATE, MOST_STEPS = 256, 2**24, 2**20
"""Tensors of a state, numbers of all of them, and results that follow on the last block, at most."""

Axes = dict[str, Optional[int]]
"""Names of axes in their order, each with its size, None where it may vary."""

AXIS_NAME = re.compile(r"[A-Za-z]\w{0,63}", re.ASCII)

_MARK = b'{"nnaudio2 artifact": 1, '
_DIGEST = "sha256 of the description"


def long_name(axes: Axes) -> Optional[str]:
    """Name of the axis of the first input along which its length varies; None where it is fixed."""
    lengths = (axis for axis, size in axes.items() if size is None and axis != "batch")
    return next((axis for axis in ("time", "frames") if axis in axes), next(lengths, None))


def long_place(axes: Axes) -> int:
    """Place of the axis of that name, else of the last one that is not the batch."""
    names = list(axes)
    others = [place for place, name in enumerate(names) if name != "batch"]
    name = long_name(axes)
    return others[-1] if name is None else names.index(name)


@dataclass(frozen=True)
class Description:
    """Origin, input, output and measured accuracy of an artifact."""

    name: str
    """Class of the transform or model."""
    config: Optional[dict[str, Any]]
    """Constructor arguments of a transform; None for a model."""
    transforms: dict[str, dict[str, Any]]
    """The transforms inside of a model by their place: ``{"class": ..., "config": ...}``."""
    call: dict[str, Any]
    """Arguments of the call, after the input, that are fixed."""
    version: str
    """Of nnaudio2."""
    torch: str
    """Version of torch that made it."""
    format: str
    opset: Optional[int]
    """Of ONNX."""
    delegate: Optional[str]
    """``"XNNPACK"`` where ExecuTorch delegates to it."""
    engine: Optional[str]
    """Engine of the transforms; None where there is no choice."""
    sr: Optional[float]
    """Sampling rate, Hz; None where nothing depends on it."""
    input: dict[str, Axes]
    """The axes of each input by its name; one of the same name has the same size in all inputs."""
    output: list[Axes]
    min_samples: Optional[int]
    """Least size of the axis ``time`` of the first input; None where it has none."""
    min_frames: Optional[int]
    """Least size of the axis ``frames`` of the first input; None where it has none."""
    max_time: Optional[int]
    """Longest clip, samples, or longest spectrogram, frames, where the runtime plans its memory ahead."""
    hop_length: Optional[int]
    """Samples between frames."""
    latency: Optional[int]
    """Samples after a frame's own, or after an output sample, that its computation waits for; None where
    all of the input is needed or nothing is known."""
    allowed: dict[str, float]
    """Allowed error on each signal, relative to the maximum."""
    parity: dict[str, float]
    """Error on each signal when the artifact was made, relative to the maximum."""
    samples: Optional[dict[str, Any]]
    """Results at some places, for a module that no config rebuilds."""
    payload_bytes: int
    sha256: str
    """Of the payload: the file without this text."""
    dtype: str = "float32"
    """Of the first input."""
    step: int = 1
    """Samples that a step of the input of a model stands for: above 1 where it makes waveforms of frames."""
    portable: list[str] = field(default_factory=list)
    """Operators that ExecuTorch runs without the delegate."""
    fallback: Optional[str] = None
    """Reason why ExecuTorch's delegate got single operators, or none, instead of whole parts of the graph."""
    left_out: dict[str, int] = field(default_factory=dict)
    """How many values of a signal may have a larger error: float32 does not determine them."""
    state: Optional[list[dict[str, Any]]] = None
    """The tensors of a stream's state, each with ``name``, ``shape``, ``dtype`` and ``initial``: one number,
    or a list of all. None for a module that takes whole clips."""
    block: Optional[int] = None
    """Length of a stream's block along its time axis, samples or frames; None where it may vary."""
    delay: Optional[int] = None
    """Results of a stream, frames or samples, before the first one of the clip; None where it is unknown."""
    remaining: int = 0
    """Results of a stream that follow on the last block of a clip."""
    time_axis: int = 0
    """Of a stream's results."""
    further: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The inputs after the first, each with ``dtype`` and the ``range`` of integers, None for lengths, which
    are those ``along`` an axis of ``lengths``, or of the first input."""
    lengths: dict[str, list[Optional[int]]] = field(default_factory=dict)
    """Least and largest size, None for any, of each axis that varies, but for ``batch`` and that of
    ``min_samples`` or ``min_frames``."""

    @property
    def first(self) -> tuple[str, Axes]:
        """Name and axes of the first input."""
        return next(iter(self.input.items()))

    def range_of(self, axis: str) -> tuple[int, Optional[int]]:
        """Least and largest size of an axis that varies, None for any."""
        if axis in self.lengths:
            least, most = self.lengths[axis]
            return least or 1, most
        if axis not in ("time", "frames"):
            return 1, None
        fewest = 1 if self.state is None else 0  # an empty block changes nothing
        return (self.min_samples if axis == "time" else self.min_frames) or fewest, self.max_time

    @property
    def stream_block(self) -> Optional[int]:
        """The argument ``block`` of a stream: samples in a step."""
        if self.block is None or self.hop_length is None:
            return self.block
        takes_frames = any("frames" in axes for axes in self.input.values())
        return self.block * self.hop_length if takes_frames else self.block

    def to_text(self) -> bytes:
        """The JSON text, with a digest of its own.

        Raises:
            ArtifactError: if it is not JSON, too long for a file to carry, or refused by
                :func:`find_description`.
        """
        description = asdict(self)
        try:
            document = {"description": description, _DIGEST: _digest(description)}
        except (TypeError, ValueError) as error:
            raise ArtifactError(
                f"its description is not JSON ({error}): call must hold plain values"
            ) from error
        text = _MARK + json.dumps(document)[1:].encode()
        if len(text) > MAX_TEXT:
            raise ArtifactError(f"its description has {len(text)} bytes, and {MAX_TEXT} are the most")
        find_description(text)  # what load would refuse is not written
        return text


def _sizes(axes: Axes) -> bool:
    return all(size is None or size >= 1 for size in axes.values())


def _is_state(state: Optional[list[dict[str, Any]]]) -> bool:
    if state is None:
        return True
    if len(state) > MOST_STATES or not all(map(_is_state_tensor, state)):
        return False
    numbers: int = sum(math.prod(each["shape"]) for each in state)
    return numbers <= MOST_STATE


def _is_state_tensor(described: dict[str, Any]) -> bool:
    if described.keys() != {"name", "shape", "dtype", "initial"}:
        return False
    name, shape, dtype, initial = (described[key] for key in ("name", "shape", "dtype", "initial"))
    if not (isinstance(name, str) and re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) and dtype in STATE_DTYPES):
        return False
    if not (isinstance(shape, list) and all(type(size) is int and 0 <= size <= MOST_STATE for size in shape)):
        return False
    count = math.prod(shape)
    values = initial if isinstance(initial, list) else [initial]
    numbers = all(isinstance(value, (bool, int, float)) and abs(value) < 2**128 for value in values)
    return numbers and (initial is not values or len(values) == count)


def _is_further(described: dict[str, Any]) -> bool:
    if described.keys() - {"along"} != {"dtype", "range"} or described["dtype"] not in FURTHER_DTYPES:
        return False
    if not isinstance(described.get("along", ""), str):
        return False
    given = described["range"]
    if given is None:
        return True
    whole = isinstance(given, list) and len(given) == 2 and all(type(value) is int for value in given)
    return whole and -(2**31) <= given[0] <= given[1] < 2**31


def _is_range(sizes: list[Optional[int]]) -> bool:
    if len(sizes) != 2 or sizes[0] is None:
        return False
    return sizes[0] >= 1 and (sizes[1] is None or sizes[0] <= sizes[1])


def _names(axes: Axes) -> bool:
    return all(AXIS_NAME.fullmatch(axis) for axis in axes)


_RULES: list[tuple[str, str, Callable[[Any], bool]]] = [
    ("input", "one input or several", lambda inputs: len(inputs) >= 1),
    ("input", "of sizes >= 1", lambda inputs: all(map(_sizes, inputs.values()))),
    ("input", "of axes with names", lambda inputs: all(map(_names, inputs.values()))),
    ("output", "of sizes >= 1", lambda outputs: all(map(_sizes, outputs))),
    ("dtype", f"one of {', '.join(DTYPES)}", lambda name: name is None or name in DTYPES),
    *(
        (name, ">= 1", lambda size: size is None or size >= 1)
        for name in ("min_samples", "min_frames", "max_time", "hop_length", "step")
    ),
    ("lengths", "of sizes from 1 on", lambda lengths: all(map(_is_range, (lengths or {}).values()))),
    ("further", "of a dtype and a range", lambda further: all(map(_is_further, (further or {}).values()))),
    (
        "state",
        f"of tensors with a name, a shape, a dtype and finite initial values, at most {MOST_STATE} numbers",
        _is_state,
    ),
    ("block", ">= 1", lambda size: size is None or size >= 1),
    ("delay", f"from 0 to {MOST_STEPS}", lambda count: count is None or 0 <= count <= MOST_STEPS),
    ("remaining", f"from 0 to {MOST_STEPS}", lambda count: count is None or 0 <= count <= MOST_STEPS),
    ("time_axis", "from 0 to 8", lambda axis: axis is None or 0 <= axis <= 8),
    ("allowed", "of errors >= 0", lambda errors: all(error >= 0 for error in errors.values())),
]
"""Conditions on values of the right type, checked when a description is read."""


def _digest(description: Any) -> str:
    canonical = json.dumps(description, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def find_description(file: bytes) -> tuple[Description, int]:
    """The description at the end of a file, and where its text begins.

    Raises:
        ArtifactError: if there is none, or it is damaged.
    """
    start = file.rfind(_MARK, max(0, len(file) - MAX_TEXT))
    if start < 0:
        raise ArtifactError(
            "it ends with no description of nnaudio2: it is cut off, or it was not made by save()"
        )
    try:
        document = json.loads(file[start:])
        description, digest = document["description"], document[_DIGEST]
        damaged = _digest(description) != digest
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(f"its description cannot be read ({error}): it is cut off or damaged") from error
    if damaged:
        raise ArtifactError("its description does not match the description's digest: it is damaged")
    return _checked(description), start


def _checked(description: Any) -> Description:
    expected = {each.name: each.type for each in fields(Description)}
    needed = {
        each.name
        for each in fields(Description)
        if each.default is MISSING and each.default_factory is MISSING
    }
    if not isinstance(description, dict) or not needed <= description.keys() <= expected.keys():
        raise ArtifactError("its description has other entries than this version of nnaudio2 knows")
    for name, value in description.items():
        if not _fits(value, expected[name]):
            raise ArtifactError(f"its description has {name} = {value!r:.60}, which is not {expected[name]}")
    for name, rule, holds in _RULES:
        if not holds(description.get(name)):
            raise ArtifactError(
                f"its description has {name} = {description[name]!r:.60}, which is not {rule}"
            )
    if list(description["input"])[1:] != list(description.get("further", {})):
        raise ArtifactError("its description has other inputs than types of inputs")
    if description.get("state") is not None and len(description["input"]) > 1:
        raise ArtifactError("its description has several inputs beside a state")
    made = Description(**description)
    if made.lengths.keys() != _further_lengths(made.input):
        raise ArtifactError("its description has other lengths than axes that vary")
    if not {each["along"] for each in made.further.values() if "along" in each} <= made.lengths.keys():
        raise ArtifactError("its description has lengths along an axis that does not vary")
    return made


def _further_lengths(inputs: dict[str, Axes]) -> set[str]:
    """Names of the axes that vary, but for the batch and that of ``min_samples`` or ``min_frames``."""
    varying = {axis for axes in inputs.values() for axis, size in axes.items() if size is None}
    return varying - {"batch", *({"time", "frames"} & {long_name(next(iter(inputs.values())))})}


def _fits(value: Any, kind: Any) -> bool:
    """True if a JSON value is of an annotated type."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin is Union:
        return any(_fits(value, choice) for choice in inner)
    if origin is dict:
        return isinstance(value, dict) and all(_fits(entry, inner[1]) for entry in value.values())
    if origin is list:
        return isinstance(value, list) and all(_fits(entry, inner[0]) for entry in value)
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return type(value) is kind
