"""Descriptions are read entry by entry: other entries, other types and too long ones are refused."""

import json
from dataclasses import asdict, fields, replace

import pytest
import torch
from torch import nn

from nnaudio2_core import STFT
from nnaudio2_deploy import ArtifactError, Description, inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ZIP
from nnaudio2_deploy.artifacts.description import _digest, find_description
from nnaudio2_deploy.artifacts.loading import read

LONGEST = 65535
"""Bytes; the length of an archive's comment stands in two of them."""


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "stft.pt"
    save(STFT(64, hop_length=16, sr=8000), path, "torchscript")
    return path


def text_of(artifact, entries):
    """A description of any entries, with the digest that fits."""
    document = json.loads(read(artifact)[0].to_text())
    return json.dumps(
        document | {"description": entries, "sha256 of the description": _digest(entries)}
    ).encode()


def refused(artifact, path, entries, message):
    path.write_bytes(ZIP.attach(read(artifact)[1], text_of(artifact, entries)))
    for opened in (inspect, load, verify):
        with pytest.raises(ArtifactError) as caught:
            opened(path)
        said = str(caught.value)
        assert said.startswith(f"{path}: its description has {message}")
        assert "\n" not in said
        assert len(said) < len(str(path)) + 200


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: {**entries, "author": "me"},
        lambda entries: {name: value for name, value in entries.items() if name != "latency"},
        lambda entries: {**{name: value for name, value in entries.items() if name != "sr"}, "rate": 8000.0},
        list,
        lambda entries: None,
        lambda entries: {},
    ],
    ids=["one more", "one less", "another name", "a list", "nothing", "empty"],
)
def test_other_entries(change, artifact, tmp_path):
    entries = change(asdict(inspect(artifact)))
    refused(artifact, tmp_path / "other", entries, "other entries than this version of nnaudio2 knows")


# The entries that came later, which the files of older versions lack.
WITH_A_DEFAULT = {
    "block",
    "delay",
    "dtype",
    "fallback",
    "further",
    "left_out",
    "lengths",
    "portable",
    "remaining",
    "state",
    "step",
    "time_axis",
}


@pytest.mark.parametrize("name", [each.name for each in fields(Description)])
def test_every_entry_is_needed(name, artifact):
    entries = asdict(inspect(artifact))
    if name in WITH_A_DEFAULT:
        given = {key: value for key, value in entries.items() if key not in WITH_A_DEFAULT}
        assert find_description(text_of(artifact, given))[0] == Description(**given)
        return
    del entries[name]
    with pytest.raises(ArtifactError, match="has other entries"):
        find_description(text_of(artifact, entries))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", None),
        ("config", [64]),
        ("transforms", {"": 3}),
        ("call", None),
        ("version", 1),
        ("format", ["torchscript"]),
        ("opset", 20.0),
        ("opset", True),  # which Python takes for 1
        ("engine", 3),
        ("sr", "8000"),
        ("sr", True),
        ("input", {"x": [None, None]}),
        ("input", {"x": {"batch": "2"}}),
        ("output", {"batch": None}),
        ("output", [None]),
        ("min_samples", 1.5),
        ("allowed", {"tone": "1e-5"}),
        ("allowed", {"tone": True}),
        ("allowed", [1e-5]),
        ("parity", {"tone": None}),
        ("samples", []),
        ("payload_bytes", "1"),
        ("payload_bytes", True),
        ("sha256", None),
        ("dtype", None),
    ],
)
def test_a_value_of_another_type(name, value, artifact, tmp_path):
    entries = {**asdict(inspect(artifact)), name: value}
    refused(artifact, tmp_path / "other", entries, f"{name} = {value!r}, which is not ")


def test_of_a_long_value_the_beginning_is_told(artifact, tmp_path):
    entries = {**asdict(inspect(artifact)), "sr": ["line\n"] * 1000}
    refused(artifact, tmp_path / "other", entries, r"sr = ['line\n', 'line\n', ")


def test_a_whole_number_may_stand_for_a_float(artifact):
    entries = {**asdict(inspect(artifact)), "sr": 8000, "allowed": {"tone": 0}}
    assert find_description(text_of(artifact, entries))[0] == Description(**entries)


def noted(description, length):
    return replace(description, call={"note": "y" * length})


def test_a_text_may_be_as_long_as_an_archive_can_carry_and_no_longer(artifact, tmp_path):
    description, payload = read(artifact)
    room = LONGEST - len(noted(description, 0).to_text())
    path = tmp_path / "longest"
    path.write_bytes(ZIP.attach(payload, noted(description, room).to_text()))
    assert inspect(path) == noted(description, room)
    with pytest.raises(ArtifactError, match="its description has 65536 bytes, and 65535 are the most"):
        noted(description, room + 1).to_text()


def test_a_text_is_not_looked_for_farther_from_the_end(artifact):
    # Blanks after JSON mean nothing: they only move the place where the text begins.
    description = inspect(artifact)
    text = description.to_text()
    assert find_description(text.ljust(LONGEST)) == (description, 0)
    with pytest.raises(ArtifactError, match="it ends with no description"):
        find_description(text.ljust(LONGEST + 1))


class Noted(nn.Module):
    """Takes a text besides its input."""

    def forward(self, x, note: str = ""):
        return 2.0 * x


def test_what_is_too_much_to_say_is_not_saved(tmp_path):
    message = r"^Noted cannot be saved as torchscript: its description has \d+ bytes, and 65535 are the most$"
    with pytest.raises(ArtifactError, match=message):
        save(Noted(), tmp_path / "model.pt", "torchscript", call={"note": "y" * LONGEST})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("input", {}, "one input or several"),
        ("input", {"x": {"batch": None, "time": 0}}, "of sizes >= 1"),
        ("output", [{"batch": -1}], "of sizes >= 1"),
        ("dtype", "nonsense", "one of float32, float64, float16, bfloat16"),
        ("min_samples", -5, ">= 1"),
        ("min_frames", 0, ">= 1"),
        ("max_time", 0, ">= 1"),
        ("hop_length", 0, ">= 1"),
        ("allowed", {"tone": -1.0}, "of errors >= 0"),
    ],
)
def test_values_that_nothing_can_have(name, value, rule, artifact, tmp_path):
    entries = {**asdict(inspect(artifact)), name: value}
    refused(artifact, tmp_path / "other", entries, f"{name} = {value!r}, which is not {rule}")


def test_what_cannot_be_read_is_not_written(artifact):
    with pytest.raises(ArtifactError, match="its description has delay = 1048577, which is not from 0 to"):
        replace(inspect(artifact), delay=2**20 + 1).to_text()


def test_torch_reads_a_small_archive_with_a_description_of_any_length(tmp_path):
    # miniz, inside of torch, takes a place before the beginning of a file for a very large one
    path = tmp_path / "relu.pt"
    save(nn.ReLU(), path, "torchscript")
    description, payload = read(path)
    assert len(payload) < 4000
    x = torch.randn(3, 100)
    for length in range(1, 9000, 500):
        named = replace(description, name="x" * length)
        path.write_bytes(ZIP.attach(payload, named.to_text()))
        assert torch.equal(torch.jit.load(path)(x), x.relu())
        assert read(path) == (named, payload)
