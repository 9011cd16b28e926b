"""Long work goes through in chunks; that nobody may see."""

import importlib

import pytest
import torch
from tests.contracts.cases import assert_close, entries, tensors, total, trained_entries

CHUNKED = ("framing", "filterbank", "cfp")
"""The modules of ``nnaudio2_core.ops`` that ask how much a chunk holds."""


@pytest.fixture(params=[1 << 9, 1 << 13])
def small_chunks(request, monkeypatch):
    """Chunks of part of a clip, or of some items; a list that grows with every question for their size."""
    asked = []

    def chunk_samples():
        asked.append(request.param)
        return request.param

    for name in CHUNKED:
        monkeypatch.setattr(
            importlib.import_module(f"nnaudio2_core.ops.{name}"), "chunk_samples", chunk_samples
        )
    return asked


@entries
def test_chunks_are_invisible(entry, small_chunks, monkeypatch):
    module, x = entry.build(), entry.input(5)
    chunked = module(x, **entry.call)
    monkeypatch.undo()
    assert_close(chunked, module(x, **entry.call), max(entry.batch_bound, entry.float32_bound))


@pytest.mark.parametrize("name", ["STFT", "MelSpectrogram", "CQT", "CFP"])
def test_the_size_is_asked_for(name, small_chunks):
    import nnaudio2_core as core

    getattr(core, name)()(torch.randn(3, 16000))
    assert small_chunks


@entries
def test_gradients_of_chunks_are_invisible(entry, small_chunks, monkeypatch):
    module, x = entry.build(), entry.input(5).requires_grad_()

    def slope():
        result = module(x, **entry.call)
        parts = result if isinstance(result, tuple) else (result,)
        return torch.autograd.grad(sum(part.square().sum() for part in parts), x)[0]

    chunked = slope()
    monkeypatch.undo()
    assert_close(chunked, slope(), 10 * max(entry.batch_bound, entry.float32_bound))


@entries
def test_ensembles_of_modules_go_through_in_chunks(entry, small_chunks):
    """``torch.func.stack_module_state`` stacks the constants of the modules, not the waveform."""
    assert_ensemble([entry.build(), entry.build()], entry)


@trained_entries
def test_ensembles_of_trained_modules(entry, small_chunks):
    modules = [entry.build(**entry.trained), entry.build(**entry.trained)]
    with torch.no_grad():
        for parameter in modules[1].parameters():
            parameter *= 1.5
    assert_ensemble(modules, entry)


def assert_ensemble(modules, entry):
    """Two modules mapped over one waveform give what each gives, and the waveform's gradient, too."""
    states = torch.func.stack_module_state(modules)
    x = entry.input(5)

    def call(state, x):
        return torch.func.functional_call(modules[0], state, (x,), entry.call)

    def slope(state, x):
        return torch.func.grad(lambda x: total(call(state, x)))(x)

    bound = max(entry.batch_bound, entry.float32_bound)
    together = tensors(torch.func.vmap(call, in_dims=(0, None))(states, x))
    slopes = torch.func.vmap(slope, in_dims=(0, None))(states, x)
    for i, module in enumerate(modules):
        for mapped, alone in zip(together, tensors(module(x, **entry.call)), strict=True):
            assert_close(mapped[i], alone, bound)
        y = x.clone().requires_grad_()
        total(module(y, **entry.call)).backward()
        assert_close(slopes[i], y.grad, 10 * bound)
