"""Copies, configs and checkpoints give the same transform back."""

import copy
import io
import json
import pickle

import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, total, trained_entries, with_engines


@with_engines
def test_copies_and_config_rebuild_the_module(entry, engine):
    module = build(entry, engine)
    x = entry.input(2)
    expected = module(x, **entry.call)
    config = module.config
    plain = json.loads(json.dumps(config))
    copies = (
        copy.deepcopy(module),
        pickle.loads(pickle.dumps(module)),
        entry.make(**config),
        entry.make(**plain),
    )
    for other in copies:
        assert other.config == config
        assert_close(other(x, **entry.call), expected, tolerances.SAME_CODE)
    config.clear()
    assert module.config


@entries
def test_a_frozen_transform_has_an_empty_checkpoint(entry):
    module = entry.build()
    assert not list(module.parameters())
    assert not module.state_dict()


@trained_entries
def test_checkpoint_holds_what_is_trained_and_brings_it_back(entry):
    trained = entry.build(**entry.trained)
    assert list(trained.state_dict()) == [name for name, _ in trained.named_parameters()]
    with torch.no_grad():
        for parameter in trained.parameters():
            parameter.mul_(0.5)
    x = entry.input(2)
    halved = trained(x, **entry.call)
    file = io.BytesIO()
    torch.save(trained.state_dict(), file)
    file.seek(0)
    other = entry.build(**entry.trained)
    other.load_state_dict(torch.load(file, weights_only=True), strict=True)
    copies = (other, copy.deepcopy(trained), pickle.loads(pickle.dumps(trained)))
    for other in copies:
        assert_close(other(x, **entry.call), halved, tolerances.SAME_CODE)
    total(halved).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in trained.parameters())
