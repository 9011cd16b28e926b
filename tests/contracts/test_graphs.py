"""``torch.export`` and ``torch.compile`` capture a transform whole, for any batch and length."""

import inspect

import pytest
import torch
from packaging.version import Version
from tests import tolerances
from tests.contracts.cases import assert_close, build, total, trained_entries, two_steps, with_engines
from tests.contracts.registry import ENTRIES

from nnaudio2_core import NSGT, PCEN, STFT, iSTFT

# Older versions cannot prove what they ask for of a named range: torch 2.9 fails for MFCC and for inverses.
PROVES = Version(torch.__version__) >= Version("2.14")


def exported(entry, module, *, with_batch):
    """The graph for a named range of lengths: ``torch.export`` must prove each guard for all of it."""
    shortest = max(512, module.min_samples) if entry.kind == "waveform" else 6
    time = torch.export.Dim("time", min=shortest, max=160000)
    batch = torch.export.Dim("batch", min=1, max=64)
    if isinstance(module, PCEN) or (isinstance(module, NSGT) and not module.sliced) or not PROVES:
        # Quotients of quotients of the length: blocks of blocks, and units rounded up to a fast FFT.
        time = batch = torch.export.Dim.DYNAMIC
    sizes = {1 if entry.kind == "waveform" else 2: time, **({0: batch} if with_batch else {})}
    first = next(iter(inspect.signature(module.forward).parameters))
    shapes = {first: sizes, **dict.fromkeys(entry.call)}
    return torch.export.export(module, (entry.input(2),), entry.call, dynamic_shapes=shapes).module()


@with_engines
def test_exports_with_a_named_batch_and_time(entry, engine):
    module = build(entry, engine, **two_steps(entry))
    program = exported(entry, module, with_batch=True)
    for x in (entry.input(3, time=entry.time + 11), entry.input(2, time=4 * entry.time)):
        assert_close(program(x, **entry.call), module(x, **entry.call), tolerances.ENGINES)


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        ("STFT", "fft"),
        ("STFT, long frames", "real"),
        ("MelSpectrogram", "fft"),
        ("MFCC", "real"),
        ("Fbank", "fft"),
        ("CFP", "fft"),
        ("CQT", "fft"),
        ("iCQT direct", "fft"),
        ("NSGT slices", "real"),
    ],
)
def test_exports_with_a_named_time_and_a_fixed_batch(name, engine):
    """Joining a fixed batch with a number of frames asks for proofs of its own."""
    entry = next(entry for entry in ENTRIES if entry.name == name)
    module = build(entry, engine)
    program = exported(entry, module, with_batch=False)
    x = entry.input(2, time=entry.time + 11)
    assert_close(program(x, **entry.call), module(x, **entry.call), tolerances.ENGINES)


@with_engines
def test_compiles_without_a_graph_break(entry, engine):
    module = build(entry, engine, **two_steps(entry))
    # fullgraph raises at a graph break; the backend runs the captured graph as it is.
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    x = entry.input(2)
    assert_close(compiled(x, **entry.call), module(x, **entry.call), tolerances.ENGINES)
    torch._dynamo.reset()


@trained_entries
def test_trained_compiles_and_learns(entry):
    module = entry.build(**entry.trained)
    x = entry.input(2)
    total(module(x, **entry.call)).backward()
    eager = [parameter.grad.clone() for parameter in module.parameters()]
    module.zero_grad()
    total(torch.compile(module, fullgraph=True, backend="aot_eager")(x, **entry.call)).backward()
    for parameter, expected in zip(module.parameters(), eager, strict=True):
        assert_close(parameter.grad, expected, tolerances.ENGINES)
    torch._dynamo.reset()


@pytest.mark.parametrize("engine", ["fft", "real"])
def test_a_graph_gives_back_the_length_that_comes_in(engine):
    """A mask or an effect on a spectrogram: the graph does not compare the clip with its frames."""

    class Through(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.stft, self.istft = (
                STFT(64, hop_length=16, engine=engine),
                iSTFT(64, hop_length=16, engine=engine),
            )

        def forward(self, x, length):
            return self.istft(self.stft(x, "Complex"), onesided=True, length=length.size(0))

    module, dynamic = Through(), torch.export.Dim.DYNAMIC
    inputs = torch.randn(2, 700), torch.empty(700)
    program = torch.export.export(module, inputs, dynamic_shapes=({0: dynamic, 1: dynamic}, {0: dynamic}))
    assert not {torch.sym_min, torch.sym_max} & {node.target for node in program.graph.nodes}
    for time, length in ((700, 700), (701, 701), (719, 719), (900, 100), (640, 5000)):
        x = torch.randn(3, time)
        y = program.module()(x, torch.empty(length))
        assert_close(y, module(x, torch.empty(length)), tolerances.ENGINES)
        seen = min(time, length)
        assert_close(y[:, :seen], x[:, :seen], tolerances.ENGINES)
