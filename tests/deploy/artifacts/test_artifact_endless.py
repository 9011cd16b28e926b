"""Files that would hang a process, fill its memory or end it: each is refused, and quickly."""

import bz2
import hashlib
import io
import lzma
import os
import random
import re
import struct
import sys
import time
import zipfile
import zlib
from dataclasses import replace
from typing import Tuple

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn

import nnaudio2_deploy.artifacts.isolated as isolated
from nnaudio2_core import STFT
from nnaudio2_deploy import ArtifactError, inspect, load, save, verify
from nnaudio2_deploy.artifacts.carriers import APPENDED, ONNX, ZIP
from nnaudio2_deploy.artifacts.formats.archive import members_of
from nnaudio2_deploy.artifacts.formats.exported_check import _is_size
from nnaudio2_deploy.artifacts.loading import read

LONG = 20.0
"""Seconds; none of these takes one on an idle machine, and without the checks they take hours."""


@pytest.fixture(autouse=True)
def quick():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 10 * LONG


def saved(format, tmp_path, module=None):
    path = tmp_path / "artifact"
    save(STFT(64, hop_length=16) if module is None else module, path, format)
    return path


def sealed(path, payload, carrier, **changes):
    """Put another payload under the description, with the digest that fits."""
    description, _ = read(path)
    described = replace(
        description, payload_bytes=len(payload), sha256=hashlib.sha256(payload).hexdigest(), **changes
    )
    path.write_bytes(carrier.attach(payload, described.to_text()))


@pytest.mark.parametrize(
    "text",
    [
        "Pow(10, Pow(10, 10))",
        "Pow(Integer(10), Integer(10000000000))",
        "Pow(Pow(Pow(Pow(Pow(10, 4), 4), 4), 4), 4)",
        "Pow(2, Symbol('s0'))",
        "Pow(2, exp=9)",
        "Add(" + ", ".join(["1"] * 5000) + ")",
    ],
)
def test_sizes_that_take_for_ever(text):
    assert not _is_size(text)


@pytest.mark.parametrize("text", ["Pow(Symbol('s0', integer=True), Integer(2))", "Pow(s0, -1)", "Pow(2, 4)"])
def test_powers_that_are_sizes(text):
    assert _is_size(text)


def test_a_power_without_end_in_an_exported_program(tmp_path):
    path = saved("export", tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(read(path)[1])) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("models/model.json"):
                size = rb'"expr_str": "Pow(10, Pow(10, 10))"'
                content = re.sub(rb'"expr_str": "[^"]*"', size, content, count=1)
            new.writestr(entry, content)
    sealed(path, out.getvalue(), ZIP)
    with pytest.raises(ArtifactError, match=r"Pow\(10, Pow\(10, 10\)\)' for expr_str, which is not allowed"):
        load(path)


def doubling(count):
    """An ONNX model with functions that call each other twice."""
    functions = [
        helper.make_function(
            "own",
            f"f{i}",
            ["x"],
            ["y"],
            [
                helper.make_node(
                    "Identity" if i == 0 else f"f{i - 1}", ["x"], ["z"], domain="" if i == 0 else "own"
                ),
                helper.make_node(
                    "Identity" if i == 0 else f"f{i - 1}", ["z"], ["y"], domain="" if i == 0 else "own"
                ),
            ],
            [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)],
        )
        for i in range(count)
    ]
    return model_of([helper.make_node(f"f{count - 1}", ["x"], ["y"], domain="own")], functions=functions)


def model_of(nodes, **more):
    sizes = ["batch", "time"]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, sizes)],
    )
    imports = [helper.make_opsetid("", 20), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9, **more).SerializeToString()


def loop(trips):
    """An ONNX model that does nothing, many times."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, ["batch", "time"]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, ["batch", "time"]),
        ],
    )
    count = helper.make_node(
        "Constant", [], ["n"], value=helper.make_tensor("n", TensorProto.INT64, [], [trips])
    )
    return model_of([count, helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)])


@pytest.mark.parametrize(
    ("payload", "match"),
    [
        (doubling(40), "functions of its own"),
        (loop(2**62), "the operator Loop"),
        (
            model_of([helper.make_node("Inverse", ["x"], ["y"], domain="com.microsoft")]),
            r"com\.microsoft\.Inv",
        ),
    ],
    ids=["functions", "loop", "domain"],
)
def test_onnx_without_end(payload, match, tmp_path):
    path = saved("onnx", tmp_path)
    sealed(path, payload, ONNX)
    for opened in (load, verify):
        with pytest.raises(ArtifactError, match=rf"{match}.*; trust=True \(--trust\) permits"):
            opened(path)


def test_trust_permits_loops_in_onnx(tmp_path):
    path = saved("onnx", tmp_path)
    sealed(path, loop(3), ONNX)
    x = torch.randn(1, 100)
    assert torch.equal(load(path, trust=True)(x), x)


def test_constants_of_a_stranger_are_not_folded(tmp_path):
    """onnxruntime would make a constant of 2 TiB before the first call."""
    shape = helper.make_tensor("s", TensorProto.INT64, [2], [2**20, 2**19])
    nodes = [
        helper.make_node("Constant", [], ["s"], value=shape),
        helper.make_node("ConstantOfShape", ["s"], ["c"]),
        helper.make_node("ReduceSum", ["c"], ["r"], keepdims=0),
        helper.make_node("Add", ["x", "r"], ["y"]),
    ]
    path = saved("onnx", tmp_path)
    sealed(path, model_of(nodes), ONNX)
    load(path)


@pytest.mark.parametrize("changes", [{"min_samples": 10**8}, {"min_samples": 10**4000}, {"max_time": 1}])
def test_a_forged_description_fills_no_memory(changes, tmp_path):
    path = saved("torchscript", tmp_path)
    sealed(path, read(path)[1], ZIP, **changes)
    for arguments in ({}, {"module": STFT(64, hop_length=16)}):
        with pytest.raises(ArtifactError, match=r"its shortest input has more than|running it failed"):
            verify(path, **arguments)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit memory like this")
def test_forged_axes_fill_no_memory(tmp_path):
    """Three clips of 4 000 samples and more on 2^18 channels have 13 GB."""
    path = saved("torchscript", tmp_path)
    axes = {"x": {"batch": None, "axis1": 2**18, "time": None}}
    sealed(path, read(path)[1], ZIP, config=None, input=axes)
    with pytest.raises(ArtifactError, match=r"memory|allocate"):
        verify(path)


def test_forged_axes_of_a_stream_fill_no_memory(tmp_path, monkeypatch):
    path = tmp_path / "stream"
    save(Twice(), path, "torchscript", batch_size=2)
    sealed(path, read(path)[1], ZIP, input={"block": {"batch": 2**12, "time": 2**12}})
    with monkeypatch.context() as patch:
        patch.setattr(torch, "zeros", None)
        with pytest.raises(ArtifactError, match="its shortest input has more than 1048576 "):
            verify(path, module=Twice())


class Twice(nn.Module):
    block = 8

    @torch.jit.export
    def start(self, batch_size: int = 1) -> torch.Tensor:
        return torch.ones(batch_size, 1)

    @torch.jit.export
    def step(self, block: torch.Tensor, state: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor]:
        return 2.0 * block, state * 1.0


class Endless(nn.Module):
    """Ends only in eager mode."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        while x.size(-1) < 0 or x.size(0) > 77:
            x = x + 1.0
        return x


def test_verify_waits_for_no_loop(tmp_path, monkeypatch):
    path = saved("torchscript", tmp_path, Endless())
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(read(path)[1])) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry, content.replace(b", 77)", b", -7)"))
    sealed(path, out.getvalue(), ZIP)
    monkeypatch.setattr(isolated, "MOST_SECONDS", LONG / 2)
    with pytest.raises(ArtifactError, match="running it did not end within 10 s"):
        verify(path)


def archive(method, declared, content):
    """A zip archive with a member whose header says how long it is."""
    packed = method(content)
    kinds = {zlib_raw: 8, bz2.compress: 12, raw_lzma: 14}
    name = b"archive/data.pkl"
    crc = zlib.crc32(content[:declared])
    sizes = struct.pack("<HHHHHIII", 20, 0, kinds[method], 0, 33, crc, len(packed), declared)
    local = b"PK\3\4" + sizes + struct.pack("<HH", len(name), 0) + name + packed
    central = (
        b"PK\1\2"
        + struct.pack("<H", 20)
        + sizes
        + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0)
        + name
    )
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def zlib_raw(content):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def raw_lzma(content):
    return b"\x09\x04\x05\x00" + lzma.compress(content, lzma.FORMAT_ALONE)[:5] + lzma.compress(content)[13:]


def test_no_more_is_unpacked_than_is_declared():
    import tracemalloc

    payload = archive(zlib_raw, 1000, bytes(2**27))
    tracemalloc.start()
    content = members_of(payload, ".*")["data.pkl"]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(content) == 1000
    assert most < 2**22


@pytest.mark.parametrize("method", [bz2.compress, raw_lzma])
def test_compressions_that_unpack_as_a_whole(method):
    with pytest.raises(ArtifactError, match="in a compression of its own"):
        members_of(archive(method, 1000, bytes(2**20)), ".*")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_archive_is_an_artifact_error(seed):
    payload = bytearray(archive(zlib_raw, 3000, os.urandom(1500) + bytes(1500)))
    rng = random.Random(seed)
    for _ in range(3):
        payload[rng.randrange(len(payload))] = rng.randrange(256)
    try:
        members_of(bytes(payload), ".*")
    except ArtifactError:
        return


def test_a_member_that_is_shorter_than_it_says():
    with pytest.raises(ArtifactError, match=r"shorter than it says|not a sound zip archive"):
        members_of(archive(zlib_raw, 3000, bytes(100)), ".*")


def test_a_description_of_brackets(tmp_path):
    path = saved("torchscript", tmp_path)
    whole = path.read_bytes()
    start = whole.rfind(b'{"nnaudio2 artifact": 1, ')
    deep = b'{"nnaudio2 artifact": 1, "description": ' + b"[" * 30000 + b"]" * 30000 + b"}"
    path.write_bytes(whole[:start] + deep)
    for opened in (inspect, load, verify):
        with pytest.raises(ArtifactError):
            opened(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_devices_and_pipes_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", tmp_path / "pipe"):
        for opened in (inspect, load, verify):
            with pytest.raises(ArtifactError, match=r"it cannot be read .Not a regular file"):
                opened(path)
    (tmp_path / "link").symlink_to(saved("torchscript", tmp_path))
    assert inspect(tmp_path / "link").name == "STFT"


@pytest.mark.executorch
def test_a_program_that_aborts(tmp_path):
    """A few of these damages end a process that loads the file unchecked; none does here."""
    path = saved("executorch", tmp_path)
    payload = read(path)[1]
    for seed in range(6):
        rng = random.Random(seed)
        damaged = bytearray(payload)
        for _ in range(60):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        sealed(path, bytes(damaged), APPENDED)
        try:
            load(path)
        except ArtifactError as error:
            assert str(error).startswith(str(path))  # noqa: PT017


def test_a_process_that_ends_is_told(monkeypatch):
    monkeypatch.setattr(isolated, "_PROGRAM", "import os; os.abort()")
    with pytest.raises(ArtifactError, match=r"running it ended its process .SIGABRT"):
        isolated.in_child("verify", "x")
    monkeypatch.setattr(isolated, "_PROGRAM", "raise SystemExit(3)")
    with pytest.raises(ArtifactError, match=r"running it ended its process .exit code 3"):
        isolated.in_child("verify", "x")


def test_onnx_is_sound_without_functions(tmp_path):
    """The checks refuse functions and other domains, which no saved file has."""
    model = onnx.load_from_string(read(saved("onnx", tmp_path))[1])
    assert not model.functions
    assert {node.domain for node in model.graph.node} == {""}
