"""Forward is a function: it changes nothing, repeats itself, and may run in many threads at once."""

import threading

import torch
from tests import tolerances
from tests.contracts.cases import assert_close, build, entries, total, with_engines


def snapshot(value):
    """Copy of the value of an attribute, as far as it could change."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    return list(value) if isinstance(value, list) else value


@with_engines
def test_forward_changes_no_state_and_repeats_itself(entry, engine, device):
    module = build(entry, engine).to(device)
    x = entry.input(2).to(device)
    buffers = {name: value.clone() for name, value in module.named_buffers()}
    plain = {
        (part, name): snapshot(value)
        for part, child in module.named_modules()
        for name, value in vars(child).items()
        if not name.startswith(("_buffers", "_parameters", "_modules"))
    }
    original, generator = x.clone(), torch.get_rng_state()
    first = module(x, **entry.call)
    assert_close(module(x, **entry.call), first, 0.0)
    assert torch.equal(x, original)
    assert torch.equal(torch.get_rng_state(), generator)
    assert all(torch.equal(value, buffers[name]) for name, value in module.named_buffers())
    for part, child in module.named_modules():
        for name, value in vars(child).items():
            if not name.startswith(("_buffers", "_parameters", "_modules")):
                before = plain[part, name]
                same = torch.equal(value, before) if isinstance(before, torch.Tensor) else value == before
                assert same is True or value is before, name


@with_engines
def test_threads_may_share_a_module(entry, engine, device):
    module = build(entry, engine).to(device)
    inputs = [entry.input(2, time=entry.time + 3 * i).to(device) for i in range(8)]
    expected = [module(x, **entry.call) for x in inputs]
    results: list = [None] * 8
    together = threading.Barrier(8)

    def run(i):
        together.wait()
        results[i] = [module(inputs[i], **entry.call) for _ in range(3)]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, wanted in zip(results, expected, strict=True):
        for repeated in result:
            assert_close(repeated, wanted, tolerances.SAME_CODE)


@entries
def test_threads_may_train_through_a_shared_module(entry):
    """As DataParallel and asynchronous data loaders do: gradients do not mix."""
    module = entry.build()
    inputs = [entry.input(2) for _ in range(4)]

    def gradient(x):
        x = x.clone().requires_grad_()
        result = module(x, **entry.call)
        total(result).backward()
        return x.grad

    expected = [gradient(x) for x in inputs]
    results: list = [None] * 4
    threads = [
        threading.Thread(target=lambda i=i: results.__setitem__(i, gradient(inputs[i]))) for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, wanted in zip(results, expected, strict=True):
        assert_close(result, wanted, tolerances.SAME_CODE)
