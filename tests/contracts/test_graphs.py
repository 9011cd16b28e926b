"""``torch.export`` and ``torch.compile`` capture a transform whole, for any batch and length."""

import inspect

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, total, trained_entries, with_engines

from nnaudio2_core import STFT, iSTFT


@with_engines
def test_exports_with_dynamic_batch_and_time(entry, engine):
    module = build(entry, engine)
    time_axis = 1 if entry.kind == "waveform" else 2
    first = next(iter(inspect.signature(module.forward).parameters))
    shapes = {first: {0: torch.export.Dim.DYNAMIC, time_axis: torch.export.Dim.DYNAMIC}}
    shapes |= dict.fromkeys(entry.call)
    program = torch.export.export(module, (entry.input(2),), entry.call, dynamic_shapes=shapes).module()
    for x in (entry.input(3, time=entry.time + 11), entry.input(2, time=4 * entry.time)):
        assert_close(program(x, **entry.call), module(x, **entry.call), tolerances.ENGINES)


@with_engines
def test_compiles_without_a_graph_break(entry, engine):
    module = build(entry, engine)
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
