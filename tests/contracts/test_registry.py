"""Every public transform is registered for the contracts."""

import inspect

import torch
from tests.contracts.registry import ENTRIES

import nnaudio2_core as core


def test_every_public_transform_is_registered():
    not_transforms = (core.Transform, core.Stream)
    public = {
        value
        for value in vars(core).values()
        if inspect.isclass(value) and issubclass(value, torch.nn.Module) and value not in not_transforms
    }
    assert public == {entry.make for entry in ENTRIES}


def test_trainable_arguments_and_engines_are_registered():
    for entry in ENTRIES:
        arguments = inspect.signature(entry.make).parameters
        assert bool(entry.trained) == any(name.startswith("trainable") for name in arguments), entry.name
        # VQT octave by octave has only one engine and refuses the argument by name.
        assert bool(entry.engines) == ("engine" in arguments and "algorithm" not in entry.arguments)
