"""State dicts and whole modules of nnAudio 0.3.4 and nnAudio 2.0.3 (Roy et al.), frozen and trained."""

import copy
import inspect
import io

import pytest
import torch
from tests.compat.kept import API, assert_same, parts, pickled
from tests.oracles.legacy_cases import states
from tests.tolerances import LEGACY_NUMBERS

from nnAudio import features

STATES = states()
IDS = [key for key, _, _ in STATES]


def is_repaired(case):
    """True for VQT at gamma = 0: a constant-Q transform here, but not in nnAudio 0.3.4."""
    return case.name == "VQT" and case.arguments["gamma"] == 0


@pytest.mark.parametrize("package", ["nnaudio", "nnaudio2"])
@pytest.mark.parametrize(("key", "case", "changes"), STATES, ids=IDS)
def test_a_state_dict_loads_and_is_used(package, key, case, changes):
    kept = pickled(f"states_{package}")[key]
    module = case.build(features, **changes)
    module.load_state_dict(kept["state"], strict=True)
    for name, value in kept["state"].items():
        assert torch.equal(module.state_dict()[name], value)
    if package == "nnaudio2" or not is_repaired(case):
        assert_same(case.run(module), kept["outputs"], LEGACY_NUMBERS)
    if package == "nnaudio" and is_repaired(case):
        assert torch.equal(case.run(module), case.run(case.build(features, **changes)))


@pytest.mark.parametrize(("key", "case", "changes"), STATES, ids=IDS)
def test_a_saved_state_has_the_legacy_keys_shapes_and_types(key, case, changes):
    legacy = pickled("states_nnaudio")[key]["state"]
    module = case.build(features, **changes)
    case.run(module)
    ours = module.state_dict()
    assert {name: (value.shape, value.dtype) for name, value in ours.items()} == {
        name: (value.shape, value.dtype) for name, value in legacy.items()
    }
    saved = io.BytesIO()
    torch.save(ours, saved)
    saved.seek(0)
    torch.load(saved, weights_only=True)


def build(name, **arguments):
    """Build without printing, where the class has ``verbose``."""
    cls = getattr(features, name)
    quiet = {"verbose": False} if "verbose" in inspect.signature(cls).parameters else {}
    return cls(**arguments, **quiet)


@pytest.mark.parametrize("name", [name for name in API["classes"] if name != "STFTBase"])
def test_default_modules_have_the_legacy_state(name):
    entry = API["classes"][name]
    module = build(name, **entry["constructed_with"])
    found = {
        key: {"shape": list(value.shape), "dtype": str(value.dtype)}
        for key, value in module.state_dict().items()
    }
    assert found == entry["state_dict"]
    assert [key for key, _ in module.named_parameters()] == entry["parameters"]
    missing = [key for key in entry["public_attributes"] + entry["submodules"] if not hasattr(module, key)]
    assert missing == []


@pytest.mark.parametrize("name", API["trainable"])
def test_trained_modules_have_the_legacy_parameters_in_their_order(name):
    entry = API["trainable"][name]
    module = build(name, **entry["kw"])
    found = [(key, list(value.shape)) for key, value in module.named_parameters()]
    assert found == list(entry["parameters"].items())
    assert {key: list(module.state_dict()[key].shape) for key in entry["buffers"]} == entry["buffers"]


@pytest.mark.parametrize(
    ("key", "case", "changes"), [entry for entry in STATES if not entry[2]], ids=lambda e: str(e)[:40]
)
def test_a_whole_module_unpickles(key, case, changes):
    module = copy.deepcopy(pickled("modules")[key])
    assert type(module) is getattr(features, case.name)
    assert_same(case.run(module), pickled("states_nnaudio")[key]["outputs"], LEGACY_NUMBERS)
    assert repr(module) == repr(case.build(features))
    again = torch.nn.Sequential(module)
    stream = io.BytesIO()
    torch.save(again, stream)
    stream.seek(0)
    restored = torch.load(stream, weights_only=False)[0]
    assert_same(case.run(restored), tuple(parts(case.run(module))), 0.0)
    torch.jit.script(module)


@pytest.mark.parametrize("package", ["nnaudio", "nnaudio2"])
@pytest.mark.parametrize(
    ("key", "case", "changes"),
    [entry for entry in STATES if entry[2]],
    ids=[key for key, _, c in STATES if c],
)
def test_an_optimizer_state_loads(package, key, case, changes):
    kept = pickled(f"states_{package}")[key]
    if "optimizer" not in kept:
        assert case.name == "VQT" or case.method == "inverse"
        return
    module = case.build(features, **changes)
    module.load_state_dict(kept["state"])
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0, momentum=0.9)
    optimizer.load_state_dict(kept["optimizer"])
    for parameter, state in optimizer.state.items():
        assert state["momentum_buffer"].shape == parameter.shape
    assert len(optimizer.state) == len(list(module.parameters()))
    case.run(module).square().mean().backward()
    optimizer.step()


def test_a_trained_vqt_of_nnaudio_2_0_3_at_gamma_0_loads_and_is_used():
    key, case, _ = next(entry for entry in STATES if is_repaired(entry[1]) and entry[2])
    state = dict(pickled("states_nnaudio2")[key]["state"])
    state["cqt.cqt_kernels_real"] = 2 * state["cqt.cqt_kernels_real"]
    module = torch.nn.Sequential(case.build(features, trainable=True))
    before = module[0](case.input())
    module.load_state_dict({f"0.{name}": value for name, value in state.items()}, strict=True)
    assert {name for name, _ in module.named_parameters()} == {
        "0.cqt.cqt_kernels_real",
        "0.cqt.cqt_kernels_imag",
    }
    difference = (module[0](case.input()) - before).detach()
    assert float(difference.abs().max()) > 0.1 * float(before.abs().max())
    assert module.state_dict().keys() == {f"0.{name}" for name in state}
    torch.jit.script(module)
