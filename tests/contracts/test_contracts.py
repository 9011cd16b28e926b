"""Every promise of the design, for every public transform."""

import copy
import inspect
import io
import pickle
import threading
import warnings

import pytest
import torch
from tests import tolerances
from tests.contracts.registry import ENTRIES, Entry

import nnaudio2_core as core

entries = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
with_engines = pytest.mark.parametrize(
    ("entry", "engine"),
    [(entry, engine) for entry in ENTRIES for engine in entry.engines or (None,)],
    ids=lambda value: value.name if isinstance(value, Entry) else str(value),
)


def build(entry, engine, **changes):
    return entry.build(**changes) if engine is None else entry.build(engine=engine, **changes)


def assert_close(result, expected, bound):
    results = result if isinstance(result, tuple) else (result,)
    wanted = expected if isinstance(expected, tuple) else (expected,)
    assert len(results) == len(wanted)
    for a, b in zip(results, wanted, strict=True):
        assert a.shape == b.shape
        difference = (a.double() - b.double()).abs().max().item()
        assert difference <= bound * b.double().abs().max().item()


def tensors(result):
    return result if isinstance(result, tuple) else (result,)


def total(result):
    return sum(part.square().sum() for part in tensors(result))


class Called(torch.nn.Module):
    """A module with the keyword arguments of its call."""

    def __init__(self, module, call):
        super().__init__()
        self.module, self.call = module, call

    def forward(self, x):
        return self.module(x, **self.call)


def test_every_public_transform_is_registered():
    public = {
        value
        for name, value in vars(core).items()
        if inspect.isclass(value) and issubclass(value, torch.nn.Module) and value is not core.Transform
    }
    assert public == {entry.make for entry in ENTRIES}


@with_engines
def test_scripted_equals_eager_also_after_save_and_load(entry, engine, device):
    module = build(entry, engine).to(device)
    buffer = io.BytesIO()
    scripted = torch.jit.script(module)
    torch.jit.save(scripted, buffer)
    buffer.seek(0)
    loaded = torch.jit.load(buffer, map_location=device)
    for x in (entry.input(2).to(device), entry.input(3, time=entry.time + 7).to(device)):
        expected = module(x, **entry.call)
        for _ in range(3):  # the first calls profile, later ones run what was optimised
            assert_close(scripted(x, **entry.call), expected, tolerances.SAME_CODE)
        assert_close(loaded(x, **entry.call), expected, tolerances.SAME_CODE)


@with_engines
@pytest.mark.parametrize("trained", [False, True])
def test_traces(entry, engine, trained):
    if trained and (not entry.trained or engine == "fft"):
        return
    module = build(entry, engine, **(entry.trained if trained else {}))
    x = entry.input(2)
    with warnings.catch_warnings():
        # The tracer says that it keeps the lengths it saw.
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        traced = torch.jit.trace(Called(module, entry.call), x)
    # Iterations magnify that the traced graph divides by the window sum in another order.
    assert_close(traced(x), module(x, **entry.call), entry.engine_bound)


@with_engines
def test_scripted_gradient_equals_eager(entry, engine):
    module = build(entry, engine)
    x = entry.input(2)
    gradients = []
    for f in (module, torch.jit.script(module)):
        y = x.clone().requires_grad_()
        total(f(y, **entry.call)).backward()
        gradients.append(y.grad)
    assert_close(gradients[1], gradients[0], tolerances.ENGINES)


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
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    x = entry.input(2)
    assert_close(compiled(x, **entry.call), module(x, **entry.call), tolerances.ENGINES)
    torch._dynamo.reset()


@entries
def test_engines_agree(entry):
    if not entry.engines:
        # One algorithm and no choice; VQT's multirate path refuses an engine by name.
        assert "engine" not in inspect.signature(entry.make).parameters or "algorithm" in entry.arguments
        return
    x = entry.input(2)
    first, *others = [entry.build(engine=engine)(x, **entry.call) for engine in entry.engines]
    for other in others:
        assert_close(other, first, entry.engine_bound)


@with_engines
def test_a_batch_equals_its_items(entry, engine, device):
    module = build(entry, engine).to(device)
    x = entry.input(3).to(device)
    batch = module(x, **entry.call)
    for i in range(3):
        assert_close(
            tuple(part[i] for part in tensors(batch)), tensors(module(x[i], **entry.call)), tolerances.BATCH
        )


@entries
def test_leading_axes_come_back(entry):
    module = entry.build()
    x = entry.input(2, 3)
    y = tensors(module(x, **entry.call))
    flat = tensors(module(x.flatten(0, 1), **entry.call))
    none = tensors(module(x[0, 0], **entry.call))
    for a, b, c in zip(y, flat, none, strict=True):
        assert a.shape == (2, 3, *b.shape[1:])
        assert c.shape == b.shape[1:]
        assert torch.equal(a.flatten(0, 1), b)
    strided = torch.stack([x, x], -1)[..., 0]
    assert not strided.is_contiguous()
    assert_close(module(strided, **entry.call), y if len(y) > 1 else y[0], tolerances.BATCH)


@entries
def test_float64_in_float64_out_and_more_exact(entry, device):
    if device.type == "mps":
        pytest.skip("MPS has no float64")
    module = entry.build().to(device)
    x = entry.input(2, dtype=torch.float64).to(device)
    y = tensors(module(x, **entry.call))
    assert all(part.dtype == torch.float64 for part in y)
    assert_close(module(x.float(), **entry.call), y if len(y) > 1 else y[0], entry.float32_bound)


@with_engines
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_types_are_computed_in_float32(entry, engine, dtype, device):
    module = build(entry, engine).to(device)
    x = entry.input(2).to(device, dtype)
    expected = module(x.float(), **entry.call)
    result = module(x, **entry.call)
    for a, b in zip(tensors(result), tensors(expected), strict=True):
        assert a.dtype == dtype
        assert torch.equal(a, b.to(dtype))
    # A converted module keeps its constants: only parameters change type.
    assert_close(module.to(dtype)(x.float(), **entry.call), expected, tolerances.BATCH)


@with_engines
def test_autocast_changes_nothing(entry, engine, device):
    module = build(entry, engine).to(device)
    x = entry.input(2).to(device)
    expected = module(x, **entry.call)
    scripted = torch.jit.script(module)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        assert_close(module(x, **entry.call), expected, tolerances.SAME_CODE)
        assert_close(scripted(x, **entry.call), expected, tolerances.ENGINES)


@entries
def test_integer_and_complex_audio_is_a_type_error(entry):
    module = entry.build()
    with pytest.raises(TypeError, match=r"float"):
        module(torch.ones_like(entry.input(), dtype=torch.int16), **entry.call)
    if entry.kind == "waveform":
        with pytest.raises(TypeError, match=r"convert integer audio first|float tensor"):
            module(entry.input().to(torch.complex64), **entry.call)


@with_engines
def test_gradients_are_finite_at_silence(entry, engine, device):
    for level in (0.0, 1e-30, 1e-8):
        x = (level * entry.input(2)).to(device).requires_grad_()
        y = build(entry, engine).to(device)(x, **entry.call)
        assert all(part.isfinite().all() for part in tensors(y))
        sum(part.sum() for part in tensors(y)).backward()
        assert x.grad.isfinite().all()


@entries
def test_gradcheck(entry):
    module = (
        entry.make(**{**entry.arguments, **entry.small}) if not entry.small else entry.make(**entry.small)
    )
    entry = Entry(**{**entry.__dict__, "bins": entry.small_bins or entry.bins})
    x = entry.input(1, time=entry.small_time, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: module(x, **entry.call), (x,))


@entries
def test_vmap_and_grad_transforms(entry):
    module = entry.build()
    x = entry.input(2, 3)
    assert_close(
        torch.func.vmap(lambda x: module(x, **entry.call))(x), module(x, **entry.call), tolerances.ENGINES
    )

    def loss(x):
        return total(module(x, **entry.call))

    y = x[0].clone().requires_grad_()
    loss(y).backward()
    assert_close(torch.func.grad(loss)(x[0]), y.grad, tolerances.ENGINES)
    each = torch.func.vmap(torch.func.grad(loss))(x[0])
    assert_close(each, y.grad, tolerances.ENGINES)


@with_engines
def test_copies_and_config_rebuild_the_module(entry, engine):
    module = build(entry, engine)
    x = entry.input(2)
    expected = module(x, **entry.call)
    config = module.config
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), entry.make(**config)):
        assert other.config == config
        assert_close(other(x, **entry.call), expected, tolerances.SAME_CODE)
    config.clear()
    assert module.config


@entries
def test_a_frozen_transform_has_an_empty_checkpoint(entry):
    module = entry.build()
    assert not list(module.parameters())
    assert not module.state_dict()
    if not entry.trained:
        return
    trained = entry.build(**entry.trained)
    state = trained.state_dict()
    assert list(state) == [name for name, _ in trained.named_parameters()]
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.mul_(0.5)
    x = entry.input(2)
    halved = trained(x, **entry.call)
    other = entry.build(**entry.trained)
    other.load_state_dict(trained.state_dict(), strict=True)
    assert_close(other(x, **entry.call), halved, tolerances.SAME_CODE)
    total(halved).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trained.parameters())


@entries
def test_trained_scripts_to_the_same(entry):
    if not entry.trained:
        assert not any(name.startswith("trainable") for name in inspect.signature(entry.make).parameters)
        return
    trained = entry.build(**entry.trained)
    scripted = torch.jit.script(trained)
    x = entry.input(2)
    assert_close(scripted(x, **entry.call), trained(x, **entry.call), tolerances.ENGINES)
    total(scripted(x, **entry.call)).backward()
    assert all(p.grad.abs().max() > 0 for p in trained.parameters())


@entries
def test_frames_and_the_shortest_clip(entry):
    if entry.kind != "waveform":
        return
    module = entry.build()
    scripted = torch.jit.script(module)
    for time in (module.min_samples, module.min_samples + 1, entry.time, entry.time + 31):
        y = tensors(module(entry.input(time=time), **entry.call))[0]
        assert y.isfinite().all()
        axis = -2 if y.shape[-1] == 2 else -1
        assert module.n_frames(time) == y.shape[axis] == scripted.n_frames(time)
    for time in (module.min_samples - 1, 0):
        with pytest.raises(ValueError, match=rf"min_samples = {module.min_samples} samples, got {time}"):
            module(entry.input(time=time), **entry.call)
        with pytest.raises(ValueError, match="min_samples"):
            module.n_frames(time)
    with pytest.raises(ValueError, match="time axis"):
        module(torch.tensor(1.0))
    with pytest.raises(ValueError, match="at least one waveform"):
        module(torch.zeros(0, entry.time))


@entries
def test_forward_changes_no_state_and_repeats_itself(entry):
    module = entry.build()
    x = entry.input(2)
    before = {name: value.clone() for name, value in module.named_buffers()}
    attributes = set(vars(module))
    original = x.clone()
    first = module(x, **entry.call)
    assert_close(module(x, **entry.call), first, 0.0)
    assert torch.equal(x, original)
    assert set(vars(module)) == attributes
    assert all(torch.equal(value, before[name]) for name, value in module.named_buffers())


@entries
def test_threads_may_share_a_module(entry):
    module = entry.build()
    inputs = [entry.input(2) for _ in range(8)]
    expected = [module(x, **entry.call) for x in inputs]
    results: list = [None] * 8

    def run(i):
        results[i] = module(inputs[i], **entry.call)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, wanted in zip(results, expected, strict=True):
        assert_close(result, wanted, tolerances.SAME_CODE)


@with_engines
def test_a_bad_item_spoils_only_itself(entry, engine):
    module = build(entry, engine)
    x = entry.input(3)
    expected = module(x, **entry.call)
    for bad in (float("nan"), float("inf")):
        y = x.clone()
        y[1].view(-1)[y[1].numel() // 2] = bad
        result = module(y, **entry.call)
        for a, b in zip(tensors(result), tensors(expected), strict=True):
            assert_close(a[[0, 2]], b[[0, 2]], tolerances.BATCH)
            assert not a[1].isfinite().all()
