"""Interface of a module: the axes of its input, its shortest clip, and inputs made of waveforms."""

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Optional

import torch
from torch import Tensor, nn

from nnaudio2_core import Transform

from ..errors import ArtifactError, nearest
from .description import DTYPES, Axes, Description, long_name, long_place
from .further_inputs import FurtherInput, further_inputs, inputs_by_names
from .named_axes import MOST_EXTRA, NamedAxes, axes_by_names, other_size, repeated, signals_of
from .rebuilding import is_of_core, rebuild, transforms_in
from .transform_inputs import INVERSES, OF_FRAMES, attribute, of_frames, of_inverse, points_of

_LEAST_EXTRA = 64


@dataclass(frozen=True)
class Interface:
    """The input of a module, its first argument, and what comes with it."""

    name: str
    axes: Axes
    """Axes of the input; those that vary, ``batch`` and at most one length, have the size None."""
    call: dict[str, Any]
    """Arguments after the input."""
    shortest: int
    """Along the axis whose length varies, or the fixed length."""
    shortest_waveform: int
    """Samples of which ``from_waveform`` makes an input."""
    from_waveform: Callable[[Tensor], Tensor]
    """``(batch, time)`` to an input."""
    sr: Optional[float]
    hop_length: Optional[int]
    points: Optional[Callable[[Tensor, Tensor], Tensor]] = None
    """If the result is angles: points to compare, of the angles and of the input, see :func:`.points_of`."""
    dtype: torch.dtype = torch.float32
    """Of the input."""
    step: int = 1
    """Samples that a step along ``time`` stands for: a model may make a waveform of frames."""
    usual: Optional[int] = None
    """Length of an example that cannot be a waveform: no transform of the model reads one."""
    further: tuple[FurtherInput, ...] = ()
    """The inputs after the first."""
    lengths: Mapping[str, tuple[int, Optional[int]]] = field(default_factory=dict)
    """Least and largest size of each axis that varies in the inputs after the first only."""
    extra: int = MOST_EXTRA
    """Samples by which test signals are longer than necessary."""
    named: bool = False
    """Whether ``from_waveform`` places samples along the axis that varies, whatever its name."""

    @property
    def takes_waveform(self) -> bool:
        """True if the input is a waveform, not a spectrogram."""
        return "time" in self.axes

    @property
    def long_name(self) -> Optional[str]:
        """Name of the axis whose length varies; None for inputs of fixed length."""
        return long_name(self.axes)

    @property
    def long_axis(self) -> int:
        """Place of the axis whose length varies, else of the last one that is not the batch."""
        return long_place(self.axes)

    @property
    def samples(self) -> int:
        """Length of test signals, long enough that an exporter takes none of its sizes for a constant."""
        if self.long_name is None:
            return self.shortest
        return 2 * self.shortest_waveform + max(_LEAST_EXTRA, self.extra // self.step)

    def at_least(self, shortest: int, others: Mapping[str, int] = MappingProxyType({})) -> "Interface":
        """The same for a graph that wants longer inputs, also along ``others`` of the lengths."""
        follows = self.takes_waveform or self.named
        waveform = max(shortest, self.shortest_waveform) if follows else self.shortest_waveform
        lengths = {
            name: (max(least, others.get(name, 1)), most) for name, (least, most) in self.lengths.items()
        }
        return replace(self, shortest=shortest, shortest_waveform=waveform, lengths=lengths)

    def sizes_of(self, x: Tensor) -> dict[str, int]:
        """Size of each axis that varies, in any input, where the first one is ``x``."""
        sizes = {
            axis: found for axis, found in zip(self.axes, x.shape, strict=True) if self.axes[axis] is None
        }
        time = x.size(self.long_axis)
        others = {name: other_size(*ends, time, self.shortest) for name, ends in self.lengths.items()}
        return {**sizes, **others}

    def input_of(self, waveform: Tensor) -> Tensor:
        """``(batch, time)``, float32, to an input; integers are samples of audio at full scale."""
        x = self.from_waveform(waveform)
        if not self.dtype.is_floating_point:
            x = (x * 2.0 ** (torch.iinfo(self.dtype).bits - 1)).round()
        return x.to(self.dtype)

    def noise(self, batch: int, samples: int) -> Tensor:
        """An input made of seeded noise, contiguous: some runtimes keep the strides of an example."""
        generator = torch.Generator().manual_seed(0)
        return self.input_of(0.25 * torch.randn(batch, samples, generator=generator)).contiguous()

    def example(self) -> Tensor:
        """An input of two items."""
        return self.noise(2, self.samples)

    def with_further(self, x: Tensor) -> tuple[Tensor, ...]:
        """An input and those after it."""
        sizes = self.sizes_of(x) if self.further else {}
        return x, *(each.like(x, sizes, self.long_name) for each in self.further)

    def called(self, module: Callable[..., Any]) -> Callable[[Tensor], Any]:
        """A function of the first input: the module with all inputs and the arguments after them."""
        return lambda x: module(*self.with_further(x), **self.call)

    def runtime(self, call: Callable[..., Any]) -> Callable[[Tensor], Any]:
        """The same of a payload, in which the arguments are fixed."""
        return lambda x: call(*self.with_further(x))


def interface_of(
    module: nn.Module,
    call: Optional[dict[str, Any]] = None,
    example: Optional[Tensor] = None,
    sr: Optional[float] = None,
    inputs: Optional[Mapping[str, Tensor]] = None,
    dynamic_axes: Optional[NamedAxes] = None,
) -> Interface:
    """Interface of a transform, or of a model with transforms inside.

    Args:
        module: the transform or model.
        call: arguments of the call after the first; None means the defaults.
        example: an input of a model whose clips are not ``(batch, time)``.
        sr: sampling rate, Hz, for a module that does not know it.
        inputs: examples of a model's inputs after the first.
        dynamic_axes: names of the axes that vary, for every input.
    """
    if inputs and is_of_core(module):
        raise ArtifactError(f"inputs are for models; {type(module).__name__} has one")
    if dynamic_axes is not None and isinstance(module, Transform):
        raise ArtifactError(
            f"dynamic_axes is for models; {type(module).__name__} knows its input: put it into a model, "
            "such as torch.nn.Sequential(transform), for another one"
        )
    further = () if dynamic_axes is not None else further_inputs(module, inputs, example, "time")
    examples = inputs_by_names(module, inputs or {})
    _check_call(module, call or {}, list(examples))
    transforms = list(dict.fromkeys(transforms_in(module).values()))
    rate = rate_of(transforms) if sr is None else sr
    if isinstance(module, Transform) and example is not None:
        raise ArtifactError(f"example is for models; {type(module).__name__} knows its input")
    if isinstance(module, INVERSES):
        if not is_of_core(module):
            raise ArtifactError("module must be an inverse of nnaudio2_core itself, not of a subclass")
        return Interface(_first_argument(module), call=call or {}, sr=rate, **of_inverse(module, call))
    if isinstance(module, OF_FRAMES):
        return Interface(_first_argument(module), call={}, sr=rate, **of_frames(module))
    if dynamic_axes is not None:
        return _of_named(module, call, transforms, rate, example, examples, dynamic_axes)
    lead = (1,) if example is None else tuple(example.shape[:-1])
    if len(lead) == 0:
        raise ArtifactError(
            "example must have the shape (batch, ..., time), got one axis; dynamic_axes is for other shapes"
        )
    middle = lead[1:]
    shortest = max((int(attribute(t, "min_samples") or 1) for t in transforms), default=1)
    reads_waveforms = any(not isinstance(transform, INVERSES) for transform in transforms)
    return Interface(
        name=_first_argument(module),
        axes={"batch": None, **{f"axis{i + 1}": size for i, size in enumerate(middle)}, "time": None},
        call=call or {},
        shortest=shortest,
        shortest_waveform=shortest,
        from_waveform=partial(repeated, middle),
        sr=rate,
        hop_length=attribute(transforms[0], "hop_length") if len(transforms) == 1 else None,
        points=points_of(module, call or {}),
        dtype=_dtype_of(module, example),
        usual=None if example is None or reads_waveforms else example.size(-1),
        further=further,
    )


def _of_named(
    module: nn.Module,
    call: Optional[dict[str, Any]],
    transforms: Sequence[Transform],
    sr: Optional[float],
    example: Optional[Tensor],
    further: Mapping[str, Tensor],
    dynamic_axes: NamedAxes,
) -> Interface:
    """Of a model whose inputs have the axes that the user names."""
    if not isinstance(example, Tensor):
        raise ArtifactError("dynamic_axes needs an example of the first input")
    dtype, first = _dtype_of(module, example), _first_argument(module)
    axes, sizes = axes_by_names({first: example, **further}, dynamic_axes)
    long = long_name(axes[first])
    others = [name for name in sizes if name not in ("batch", long)]
    shortest = example.size(long_place(axes[first])) if long is None else 1
    reads_waveforms = long == "time" and any(not isinstance(each, INVERSES) for each in transforms)
    return Interface(
        name=first,
        axes=axes[first],
        call=call or {},
        shortest=shortest,
        shortest_waveform=shortest,
        sr=sr,
        hop_length=attribute(transforms[0], "hop_length") if len(transforms) == 1 else None,
        dtype=dtype,
        usual=None if reads_waveforms or long is None else sizes[long],
        further=tuple(FurtherInput.of(name, axes[name], x, sizes, long) for name, x in further.items()),
        lengths={name: (sizes[name], sizes[name]) for name in others},
        **signals_of(axes[first]),
    )


def interface_from(description: Description) -> Interface:
    """Interface of a described artifact: that of its transform, rebuilt, or the one kept for a model."""
    if description.config is not None:
        transform = rebuild(description.name, description.config)
        interface = interface_of(transform, description.call, sr=description.sr)
        shortest = description.min_samples or description.min_frames or interface.shortest
        return interface.at_least(shortest)
    name, axes = description.first
    long = long_name(axes)
    fixed = list(axes.values())[long_place(axes)] if long is None else None
    shortest = fixed or (1 if long is None else description.range_of(long)[0])
    further = [
        FurtherInput(
            each,
            description.input[each],
            getattr(torch, kind["dtype"]),
            _pair(kind["range"]),
            kind.get("along"),
        )
        for each, kind in description.further.items()
    ]
    return Interface(
        name=name,
        axes=axes,
        call=description.call,
        shortest=shortest,
        shortest_waveform=shortest,
        sr=description.sr,
        hop_length=description.hop_length,
        step=description.step,
        dtype=getattr(torch, description.dtype),
        further=tuple(further),
        lengths={each: (ends[0] or 1, ends[1]) for each, ends in description.lengths.items() if each != long},
        **signals_of(axes),
    )


def _pair(given: Optional[list[int]]) -> Optional[tuple[int, int]]:
    return None if given is None else (given[0], given[1])


def _dtype_of(module: nn.Module, example: Optional[Tensor]) -> torch.dtype:
    """Type of the example, or of a model's parameters; transforms take any and are saved for float32."""
    if example is not None:
        if str(example.dtype).removeprefix("torch.") not in DTYPES:
            raise ArtifactError(f"example must have a dtype of {', '.join(DTYPES)}, got {example.dtype}")
        return example.dtype
    parameters = () if isinstance(module, Transform) else module.parameters()
    return next((p.dtype for p in parameters if p.is_floating_point()), torch.float32)


def _first_argument(module: nn.Module) -> str:
    return next(iter(inspect.signature(module.forward).parameters))


def _check_call(module: nn.Module, call: dict[str, Any], inputs: Sequence[str] = ()) -> None:
    """Raise unless the module takes a call with these arguments after its inputs."""
    parameters = list(inspect.signature(module.forward).parameters.values())
    if not parameters:
        raise ArtifactError("module must take an input, and its forward takes none")
    others = [parameter for parameter in parameters[1:] if parameter.name not in inputs]
    named = {p.name: p for p in others if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    for name in call:
        if name not in named and not any(p.kind is p.VAR_KEYWORD for p in others):
            known = nearest(name, named) if named else "it takes only its input"
            raise ArtifactError(f"call names {name}, which forward does not take after its input: {known}")
    for name, parameter in named.items():
        if name not in call and parameter.default is parameter.empty:
            raise ArtifactError(f"call must have a value for {name}, which forward has no default for")
    try:
        json.dumps(call, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArtifactError(f"call must hold plain values, as JSON has them: {error}") from error


def rate_of(transforms: Iterable[Transform]) -> Optional[float]:
    """The sampling rate, Hz, of the transforms; that of an STFT on the bins of the FFT changes nothing."""
    known: list[tuple[Transform, Any]] = [(t, getattr(t, "sr", None)) for t in transforms]
    rates = {t: float(rate) for t, rate in known if rate is not None}
    counting = {rate for t, rate in rates.items() if not getattr(t, "uniform", False)} or set(rates.values())
    if len(counting) > 1:
        raise ArtifactError(
            f"sr must be given: the transforms inside have {', '.join(f'{r:g}' for r in sorted(counting))} Hz"
        )
    return next(iter(counting), None)
