"""Long inputs are computed in chunks, with the same results."""

import importlib

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, entries, tensors, total, trained_entries
from tests.contracts.registry import ENTRIES

import nnaudio2_core as core

CHUNKED = ("framing.chunks", "bank.analysis")
"""Modules of core that ask for the size of a chunk."""
STATELESS = {"AmplitudeToDB"}
"""Transforms without constants."""


@pytest.fixture(params=[1 << 9, 1 << 13])
def small_chunks(request, monkeypatch):
    """Chunks of part of a clip, or of some items; a list that grows whenever their size is asked for."""
    asked = []

    def chunk_samples():
        asked.append(request.param)
        return request.param

    for name in CHUNKED:
        monkeypatch.setattr(importlib.import_module(f"nnaudio2_core.{name}"), "chunk_samples", chunk_samples)
    return asked


@entries
def test_chunks_are_invisible(entry, small_chunks, monkeypatch):
    module, x = entry.build(), entry.input(5)
    chunked = module(x, **entry.call)
    monkeypatch.undo()
    assert_close(chunked, module(x, **entry.call), max(entry.batch_bound, entry.float32_bound))


@pytest.mark.parametrize("name", ["STFT", "MelSpectrogram", "CQT", "CFP"])
def test_the_size_is_asked_for(name, small_chunks):
    getattr(core, name)()(torch.randn(3, 16000))
    assert small_chunks


def dtypes_and_bounds(entry):
    """Bounds of gradients, of the maximum."""
    if entry.make is core.CFP:
        yield torch.float64, 10 * tolerances.CFP_STREAM_FLOAT64
        yield torch.float32, tolerances.CFP_SLOPES_FLOAT32
    else:
        yield torch.float32, 10 * max(entry.batch_bound, entry.float32_bound)


@pytest.mark.parametrize(
    ("entry", "dtype", "bound"),
    [
        pytest.param(entry, dtype, bound, id=f"{entry.name}-{str(dtype).removeprefix('torch.')}")
        for entry in ENTRIES
        for dtype, bound in dtypes_and_bounds(entry)
    ],
)
def test_gradients_of_chunks_are_invisible(entry, dtype, bound, small_chunks, monkeypatch):
    module, x = entry.build(), entry.input(5, dtype=dtype).requires_grad_()

    def slope():
        return torch.autograd.grad(total(module(x, **entry.call)), x)[0]

    chunked = slope()
    monkeypatch.undo()
    assert_close(chunked, slope(), bound)


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
    """Two modules mapped over one waveform give the result of each, and its gradient."""
    states = torch.func.stack_module_state(modules)
    assert any(states) == (entry.name not in STATELESS)
    if entry.name in STATELESS:
        return
    x = entry.input(5)

    def call(state, x):
        return torch.func.functional_call(modules[0], state, (x,), entry.call)

    def slope(state, x):
        return torch.func.grad(lambda x: total(call(state, x)))(x)

    bound = max(entry.batch_bound, entry.float32_bound)
    together = tensors(torch.func.vmap(call, in_dims=(0, None))(states, x))
    slopes = torch.func.vmap(slope, in_dims=(0, None))(states, x)
    for i, module in enumerate(modules):
        for mapped, single in zip(together, tensors(module(x, **entry.call)), strict=True):
            assert_close(mapped[i], single, bound)
        y = x.clone().requires_grad_()
        total(module(y, **entry.call)).backward()
        assert_close(slopes[i], y.grad, 10 * bound)


@pytest.mark.parametrize(
    ("name", "time"), [("STFT", 300_000), ("MelSpectrogram", 300_000), ("CQT", 4_300_000), ("CFP", 60_000)]
)
def test_scripted_modules_go_through_in_chunks(name, time, monkeypatch):
    """Clips of several chunks: scripted code asks for the size of a chunk where no test can change it."""
    module, x = getattr(core, name)(), torch.randn(1, time)
    scripted = torch.jit.script(module)(x)
    for each in CHUNKED:
        monkeypatch.setattr(f"nnaudio2_core.{each}.chunk_samples", lambda: 1 << 40)
    whole = module(x)
    # CFP computes powers by exp where clips may share a chunk, by exp2 where one fills it.
    assert_close(scripted, whole, tolerances.CFP_CHUNKED_FLOAT32 if name == "CFP" else tolerances.BATCH)


def test_a_scripted_inverse_goes_through_in_chunks():
    stft, x = core.STFT(iSTFT=True), torch.randn(1, 300_000)
    y = torch.jit.script(stft).inverse(stft(x), length=x.size(1))
    assert_close(y, x, 1e-5)
