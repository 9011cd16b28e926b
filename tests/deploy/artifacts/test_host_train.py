"""examples/train: a mel front end that learns with a classifier, in one process and in two."""

import importlib.util
import re
import shutil

import pytest
import torch
from tests.hosts import EXAMPLES, page_commands, run
from tests.tolerances import HOST_DDP

from nnaudio2_deploy import load

PROGRAM = EXAMPLES / "train" / "train.py"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder, and what the program said, for one process and for two."""
    folder = tmp_path_factory.mktemp("train")
    shutil.copytree(EXAMPLES / "train", folder / "examples" / "train")
    one, two = (run(line, folder) for line in page_commands("Training, in one process and in several"))
    return folder, one, two


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("train_example", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def filters(path):
    return load(path).runtime.front.mel_basis.detach()


def test_it_learns_and_the_saved_file_is_verified(trained):
    _, one, two = trained
    for said in (one, two):
        before, after = map(float, re.search(r"loss (\S+) -> (\S+)", said).groups())
        assert after < 0.5 * before
        found = re.findall(r"^(\w+) filters: right in (\d+)% .* in (\d+)% of", said, flags=re.MULTILINE)
        assert [name for name, _, _ in found] == ["trained", "frozen"]
        assert all(int(seen) >= 95 and int(held_out) >= 90 for _, seen, held_out in found)
        assert ".pt verified: True" in said


def test_the_filters_were_trained_and_travel_in_the_file(trained, example):
    folder, _, _ = trained
    torch.manual_seed(0)
    untrained = example.Classifier().front.mel_basis.detach()
    assert (filters(folder / "one.pt") - untrained).abs().max() > 0.01 * untrained.max()


def test_two_processes_train_the_same_filters_as_one(trained, example):
    folder, _, two = trained
    assert "2 processes; gradients of the mel filters differ by 0.0\n" in two
    one = filters(folder / "one.pt")
    largest = one.abs().max()
    assert (filters(folder / "two.pt") - one).abs().max() <= HOST_DDP * largest
    # What a process would have trained on its share alone, were gradients not synchronised.
    torch.manual_seed(0)
    alone = example.Classifier()
    example.train(alone, *example.clips(), rank=0, processes=2)
    assert (alone.front.mel_basis - one).abs().max() > 20 * HOST_DDP * largest
