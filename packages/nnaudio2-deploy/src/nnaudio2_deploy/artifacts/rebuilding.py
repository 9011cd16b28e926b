"""Rebuilding of transforms from their configs, also inside of models."""

import copy
from typing import Any, Optional, TypeGuard

import numpy as np
from torch import nn

import nnaudio2_core as core
from nnaudio2_core import Stream, Transform

from ..errors import ArtifactError
from ..transforms import public_transforms, with_tuples

REAL_ENGINE = "real"
"""The engine without complex numbers, as transforms name it."""


def is_of_core(module: nn.Module) -> TypeGuard[Transform]:
    """True for a transform that its name and config rebuild, which excludes subclasses."""
    return isinstance(module, Transform) and type(module) is getattr(core, type(module).__name__, None)


def rebuild(name: str, config: dict[str, Any]) -> Transform:
    """A transform from the name of its class and its config, as JSON keeps them.

    Raises:
        ArtifactError: if there is no such transform, or it refuses the config.
    """
    made = public_transforms().get(name)
    if made is None:
        raise ArtifactError(f"nnaudio2_core has no transform {name!r}")
    try:
        return made(**with_tuples(config))
    except Exception as error:
        raise ArtifactError(f"its config does not rebuild {name}: {error}") from error


def plain(value: Any) -> Any:
    """A config with Python's numbers for NumPy's, so that JSON takes it."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value.item() if isinstance(value, np.generic) else value


def transforms_in(model: nn.Module) -> dict[str, Transform]:
    """The outermost transforms in a model, by their place; of a transform itself, ``{"": transform}``.

    A transform with several places is listed at each.
    """
    return _outermost(model, Transform)


def _outermost(model: nn.Module, kinds: Any) -> dict[str, Any]:
    """The outermost parts of these kinds by their place; of such a part itself, ``{"": part}``."""
    if isinstance(model, kinds):
        return {"": model}
    found = {}
    for name, child in model._modules.items():  # named_children passes over what it has named already
        for place, part in _outermost(child, kinds).items() if child is not None else ():
            found[f"{name}.{place}".rstrip(".")] = part
    return found


def engine_of(model: nn.Module, complex_numbers: bool = True) -> Optional[str]:
    """``"fft"`` if any transform inside has it (and may keep it), else the engine without complex numbers.

    None if no transform inside has an engine.
    """
    engines = {getattr(transform, "engine", None) for transform in transforms_in(model).values()}
    if complex_numbers and "fft" in engines:
        return "fft"
    return REAL_ENGINE if engines - {None} else None


def without_complex_numbers(model: nn.Module) -> nn.Module:
    """A copy of a model whose transforms use the engine without complex numbers; trained parameters stay.

    A stream is made again, of its transform with that engine: its constants follow from the transform.
    """
    if isinstance(model, Transform):
        return _lowered(model)
    if isinstance(model, Stream):
        return Stream(_lowered(model.transform), model.block or None)
    model = copy.deepcopy(model)
    lowered: dict[nn.Module, nn.Module] = {}
    for place, part in _outermost(model, (Transform, Stream)).items():
        parent, _, name = place.rpartition(".")
        lowered.setdefault(part, without_complex_numbers(part))
        setattr(model.get_submodule(parent), name, lowered[part])
    return model


def _lowered(transform: Transform) -> Transform:
    if getattr(transform, "engine", None) != "fft":
        return transform
    return rebuilt_with(transform, engine=REAL_ENGINE)


def rebuilt_with(transform: Transform, **changes: Any) -> Transform:
    """A transform with other arguments, and the parameters of this one.

    Raises:
        ArtifactError: if it does not take them.
    """
    said = ", ".join(f"{name}={value!r}" for name, value in changes.items())
    try:
        rebuilt: Transform = type(transform)(**{**transform.config, **changes})
    except TypeError as error:
        raise ArtifactError(
            f"{type(transform).__name__} must take the arguments in its config, for {said}: {error}"
        ) from error
    except ValueError as error:
        lacks = "it has no engine without complex numbers" if "engine" in changes else f"{said} is refused"
        raise ArtifactError(f"{lacks}: {error}") from error
    rebuilt.load_state_dict(transform.state_dict())
    return rebuilt.train(transform.training)
