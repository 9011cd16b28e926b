"""Streams of slices and of their inverse: the offline transform, block by block, with explicit state."""

import itertools

import pytest
import torch
from tests import tolerances
from tests.contracts.cases import tensors
from tests.contracts.streams import one_tensor

import nnaudio2_core as core
from nnaudio2_core import Stream

SLICES = {"sr": 8000, "fmin": 300.0, "bins_per_octave": 5, "slice_length": 960}
HOP = 480
by_layout = pytest.mark.parametrize("layout", ["octaves", "matrix", "ragged"])
by_engine = pytest.mark.parametrize("engine", ["fft", "real"])
ROUND_TRIP = {
    torch.float32: tolerances.GABOR_ROUND_TRIP_FLOAT32,
    torch.float64: tolerances.GABOR_ROUND_TRIP_FLOAT64,
}


def analysed(stream, x, sizes):
    """Pieces of coefficients, one for each block and the last one of ``finish``."""
    state, pieces = stream.start(x.size(0), x.dtype), []
    for block in x.split(sizes, 1):
        C, state = stream.step(block, state)
        pieces.append(C)
    return [*pieces, stream.finish(state)]


def synthesised(stream, pieces, length=None):
    first = tensors(pieces[0])[0]
    state, samples = stream.start(first.size(0), first.dtype), []
    for C in pieces:
        y, state = stream.step(C, state)
        samples.append(y)
    return torch.cat([*samples, stream.finish(state, length)], 1)


def assert_comes_back(y, x):
    assert y.size(1) >= x.size(1)
    assert (y[:, : x.size(1)] - x).norm() <= ROUND_TRIP[x.dtype] * x.norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@by_engine
@by_layout
def test_there_and_back_equal_the_whole_clip(layout, engine, dtype):
    module = core.NSGT(**SLICES, layout=layout, engine=engine)
    analysis, synthesis = Stream(module), Stream(module.inverse)
    bound = tolerances.STREAM_FLOAT32 if dtype == torch.float32 else tolerances.STREAM_FLOAT64
    for time in (1, HOP, HOP + 1, 5000):
        x = torch.randn(2, time, dtype=dtype)
        C = module(x)
        whole = module.inverse(C)
        for size in (7, HOP, 1999) if time == 5000 else (1, time):
            pieces = analysed(analysis, x, size)
            for part, expected in zip(zip(*map(tensors, pieces), strict=True), tensors(C), strict=True):
                joined = torch.cat(part, 1)
                assert joined.shape == expected.shape
                assert (joined - expected).abs().max() <= bound * expected.abs().max()
            y = synthesised(synthesis, pieces)
            assert y.shape == whole.shape
            assert (y - whole).abs().max() <= bound * whole.abs().max()
            assert_comes_back(y, x)


@pytest.mark.parametrize("name", ["sir_duke_fast", "snare-accelerate"])
def test_recordings_come_back(name, recording):
    x, sr = recording(name)
    module = core.NSGT(sr, slice_length=8192)
    for dtype in ROUND_TRIP:
        pieces = analysed(Stream(module), x[None].to(dtype), 5000)
        assert_comes_back(synthesised(Stream(module.inverse), pieces), x[None].to(dtype))


def test_ten_minutes_come_back_offline_and_streamed():
    x = torch.randn(1, 600 * 22050)
    module = core.NSGT(22050, slice_length=16384)
    assert_comes_back(module.inverse(module(x)), x)
    assert_comes_back(synthesised(Stream(module.inverse), analysed(Stream(module), x, 2**17)), x)


def test_a_sample_comes_back_when_both_latencies_have_passed():
    module = core.NSGT(**SLICES)
    analysis, synthesis = Stream(module), Stream(module.inverse)
    first, second, came = analysis.start(), synthesis.start(), []
    for sample in range(3000):
        C, first = analysis.step(torch.zeros(1, 1), first)
        y, second = synthesis.step(C, second)
        came += [sample] * y.size(1)
    assert (analysis.latency, synthesis.latency) == (HOP - 1, 1)
    # Slice k comes with sample k * hop + latency; sample t with the first k for which k * hop >= t + latency.
    slices = [-(-(t + synthesis.latency) // HOP) for t in range(len(came))]
    assert came == [k * HOP + analysis.latency for k in slices]
    assert max(sample - t for t, sample in enumerate(came)) == 960 - 1


@by_engine
@by_layout
@pytest.mark.parametrize("hops", [1, 3])
def test_fixed_blocks_there_and_back_are_the_input_after_the_delay(hops, layout, engine):
    module = core.NSGT(**SLICES, layout=layout, engine=engine)
    analysis = Stream(module, block=hops * HOP)
    synthesis = Stream(module.inverse, block=hops * HOP)
    x = torch.randn(2, 6 * hops * HOP, dtype=torch.float64)
    first, second, pieces = analysis.start(2, x.dtype), synthesis.start(2, x.dtype), []
    for block in x.split(hops * HOP, 1):
        C, first = analysis.step(block, first)
        y, second = synthesis.step(C, second)
        assert y.shape == block.shape
        pieces.append(y)
    assert (analysis.delay, synthesis.delay) == (0, HOP)
    y = torch.cat(pieces, 1)[:, HOP:]
    assert (y - x[:, : y.size(1)]).norm() <= tolerances.GABOR_ROUND_TRIP_FLOAT64 * x.norm()
    last = one_tensor(analysis.finish(first))
    expected = one_tensor(module(x))[:, -1]
    assert (last[:, 0] - expected).abs().max() <= tolerances.STREAM_FLOAT64 * expected.abs().max()
    assert synthesis.finish(second).shape == (2, 0)


@pytest.mark.parametrize("layout", ["octaves", "matrix"])
@pytest.mark.parametrize("block", [None, 2 * HOP])
def test_scripted_streams_equal_eager_ones(block, layout):
    module = core.NSGT(**SLICES, layout=layout)
    streams = [Stream(module, block), Stream(module.inverse, block)]
    scripted = [torch.jit.script(stream) for stream in streams]
    x = torch.randn(1, 2 * HOP)
    heard = []
    for analysis, synthesis in (streams, scripted):
        first, second = analysis.start(1), synthesis.start(1)
        for _ in range(3):
            C, first = analysis.step(x, first)
            y, second = synthesis.step(C, second)
        rest, _ = synthesis.step(analysis.finish(first), second) if block is None else (y, second)
        heard.append(torch.cat([y, rest], 1))
    assert heard[0].size(1) > 0
    assert (heard[0] - heard[1]).abs().max() <= tolerances.SAME_CODE * heard[0].abs().max()


@by_engine
@pytest.mark.parametrize("layout", ["octaves", "matrix"])
def test_fixed_blocks_export(layout, engine):
    module = core.NSGT(**SLICES, layout=layout, engine=engine)
    analysis, synthesis = Stream(module, block=2 * HOP), Stream(module.inverse, block=2 * HOP)
    blocks = torch.randn(3, 2, 2 * HOP)
    C, _ = analysis.step(blocks[0], analysis.start(2))
    programs = [
        torch.export.export(analysis, (blocks[0], analysis.start(2))).module(),
        torch.export.export(synthesis, (C, synthesis.start(2))).module(),
    ]
    heard = []
    for there, back in ((analysis, synthesis), programs):
        first, second = analysis.start(2), synthesis.start(2)
        for block in blocks:
            C, first = there(block, first)
            y, second = back(C, second)
        heard.append(y)
    assert (heard[0] - heard[1]).abs().max() <= tolerances.SAME_CODE * heard[0].abs().max()


def test_gradients_through_both_streams_equal_those_of_the_whole_clip():
    module = core.NSGT(**SLICES)
    weights = torch.rand(50, dtype=torch.float64)

    def edited(C):
        return [part * weights[: part.size(-3), None, None] for part in C]

    def streamed(x):
        return synthesised(Stream(module.inverse), [edited(C) for C in analysed(Stream(module), x, 700)])

    def whole(x):
        return module.inverse(edited(module(x)))

    x = torch.randn(2, 3000, dtype=torch.float64)
    gradients = []
    for run in (streamed, whole):
        y = x.clone().requires_grad_()
        run(y).square().sum().backward()
        gradients.append(y.grad)
    difference = (gradients[0] - gradients[1]).abs().max()
    assert difference <= tolerances.STREAM_FLOAT64 * gradients[1].abs().max()


def test_half_precision_is_that_of_the_whole_clip():
    module = core.NSGT(**SLICES)
    x = torch.randn(1, 2000).half()
    for part, expected in zip(zip(*analysed(Stream(module), x, 300), strict=True), module(x), strict=True):
        assert torch.equal(torch.cat(part, 1), expected)


@by_layout
def test_bad_slices_get_one_error_and_leave_the_state(layout):
    module = core.NSGT(**SLICES, layout=layout)
    stream = Stream(module.inverse)
    C = module(torch.randn(2, 3000))
    y, state = stream.step(C, stream.start(2))
    other = Stream(core.NSGT(**{**SLICES, "slice_length": 480}).inverse).start(2)
    for error, block, given, message in (
        (
            ValueError,
            [part[:1] for part in tensors(C)],
            state,
            "block must have the state's batch size 2, got 1",
        ),
        (TypeError, [part.double() for part in tensors(C)], state, "block must have the state's dtype"),
        (TypeError, [part.long() for part in tensors(C)], state, "block must have float tensors"),
        (ValueError, [part[0] for part in tensors(C)], state, r"block must have the shape \(batch, slices, "),
        (ValueError, [*tensors(C), tensors(C)[0]], state, r"block must have \d+ tensors, got "),
        (TypeError, None, state, "block must be a tensor or a list of tensors, got None"),
        (ValueError, C, other, "state must be one of this stream"),
        (ValueError, C, Stream(module).start(2), "state must be one of this stream"),
    ):
        with pytest.raises(error, match=f"^{message}"):
            stream.step(block, given)
    assert torch.equal(stream.step(C, state)[0][:, HOP:], y)
    with pytest.raises(ValueError, match=r"length must be >= \d+, the samples returned so far, got 100"):
        stream.finish(state, length=100)
    assert stream.finish(state, length=y.size(1) + 5).tolist() == [[0.0] * 5] * 2
    for call in (lambda: stream.step(C, state), lambda: stream.finish(state)):
        with pytest.raises(ValueError, match="state must not be finished"):
            call()
    with pytest.raises(ValueError, match="must have at least 1 slice before finish, got 0"):
        stream.finish(stream.start())


def test_constructor_errors():
    whole = core.NSGT(8000)
    for given in (whole, whole.inverse):
        with pytest.raises(ValueError, match="whole clip: with slice_length it streams"):
            Stream(given)
    module = core.NSGT(**SLICES)
    with pytest.raises(ValueError, match="block must be a multiple of slice_length / 2 = 480, got 500"):
        Stream(module, block=500)
    with pytest.raises(TypeError, match="transform must be a transform or an inverse that streams"):
        Stream(module.forward)


def test_states_do_not_grow():
    module = core.NSGT(**SLICES)
    analysis, synthesis = Stream(module), Stream(module.inverse)
    first, second, sizes = analysis.start(), synthesis.start(), []
    for size in itertools.islice(itertools.cycle([200, 480, 7]), 200):
        C, first = analysis.step(torch.zeros(1, size), first)
        _, second = synthesis.step(C, second)
        sizes.append(sum(tensor.untyped_storage().nbytes() for tensor in (*first, *second)))
    # Half a slice of sums, less than two halves of samples, and the counts of both.
    assert max(sizes) <= 4 * (HOP + 2 * HOP - 1 + 8)
