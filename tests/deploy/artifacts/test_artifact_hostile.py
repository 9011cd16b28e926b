"""Files made to do harm, with digests that match: each is refused before anything in it runs."""

import contextlib
import hashlib
import io
import json
import logging
import pickle
import re
import struct
import zipfile
from dataclasses import replace

import onnx
import pytest
import torch

from nnaudio2_core import STFT
from nnaudio2_deploy import ArtifactError, load, save, verify
from nnaudio2_deploy.artifacts.carriers import ONNX, ZIP
from nnaudio2_deploy.artifacts.formats.onnx import parts_in
from nnaudio2_deploy.artifacts.formats.torchscript_check import check_operators
from nnaudio2_deploy.artifacts.loading import read


class Harm:
    """Unpickling this writes a file."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return (exec, (writes(self.canary),))


def writes(canary):
    return f"open({str(canary)!r}, 'w').close()"


@pytest.fixture
def canary(tmp_path):
    return tmp_path / "harm-was-done"


def harmless(format, tmp_path):
    path = tmp_path / "artifact.pt2"
    save(STFT(64, hop_length=16), path, format)
    return path


def sealed(path, payload, carrier=ZIP):
    """Put another payload under the description, with the digest that fits."""
    description, _ = read(path)
    described = replace(description, payload_bytes=len(payload), sha256=hashlib.sha256(payload).hexdigest())
    path.write_bytes(carrier.attach(payload, described.to_text()))


def with_member(payload, name, content):
    """An archive with a member replaced or added; ``content`` may be a function of the old one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(out, "w") as new:
        root = old.namelist()[0].split("/")[0]
        for entry in old.infolist():
            if entry.filename != f"{root}/{name}":
                new.writestr(entry, old.read(entry))
            elif callable(content):
                content = content(old.read(entry))
        new.writestr(f"{root}/{name}", content)
    return out.getvalue()


def two_archives(shown, hidden):
    """One archive for Python's zipfile, which looks for the directory just before the end record, and
    another for torch's reader, which looks where the record points to.
    """
    contents, directories = [], []
    for archive in (hidden, shown):
        count, size, start = struct.unpack("<HII", archive[-12:-2])
        contents.append(archive[:start])
        directories.append(bytearray(archive[start : start + size]))
    entry = 0
    while entry < size:
        name, extra, comment = struct.unpack_from("<HHH", directories[1], entry + 28)
        (offset,) = struct.unpack_from("<I", directories[1], entry + 42)
        struct.pack_into("<I", directories[1], entry + 42, offset + len(contents[0]) - size)
        entry += 46 + name + extra + comment
    before = b"".join(contents)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, size, len(before), 0)
    return before + b"".join(directories) + end


def edit(*path, value):
    """A function that sets one value in JSON."""

    def edited(content):
        document = json.loads(content)
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value(place[path[-1]]) if callable(value) else value
        return json.dumps(document)

    return edited


def refused(path, canary, match):
    with pytest.raises(ArtifactError, match=match):
        load(path)
    assert not canary.exists()


def with_size(text):
    """A function that puts a text in the place of the first size in a graph."""
    return lambda content: re.sub(
        rb'"expr_str": "[^"]*"', f'"expr_str": {json.dumps(text)}'.encode(), content, count=1
    )


def test_what_torch_export_load_would_do(tmp_path, canary, monkeypatch):
    # The attacks below are real: torch runs them. Its message about the first has an argument too few.
    monkeypatch.setattr(logging.getLogger("torch._export.serde.serialize"), "disabled", True)
    path = harmless("export", tmp_path)
    _, payload = read(path)
    harm = io.BytesIO()
    torch.save(Harm(canary), harm)
    with pytest.raises(AssertionError, match="expected tuple or dict"):  # the harm is done by then
        torch.export.load(io.BytesIO(with_member(payload, "data/sample_inputs/model.pt", harm.getvalue())))
    assert canary.exists()
    canary.unlink()
    size = with_size(f"[{writes(canary)}, 2][1]")
    with contextlib.suppress(Exception):
        torch.export.load(io.BytesIO(with_member(payload, "models/model.json", size)))
    assert canary.exists()


def test_a_pickle_for_example_inputs(tmp_path, canary):
    path = harmless("export", tmp_path)
    harm = io.BytesIO()
    torch.save(Harm(canary), harm)
    sealed(path, with_member(read(path)[1], "data/sample_inputs/model.pt", harm.getvalue()))
    refused(path, canary, "example inputs, which are a pickle")


@pytest.mark.parametrize(
    ("format", "member"), [("export", "data/sample_inputs/model.pt"), ("torchscript", "data.pkl")]
)
def test_what_was_checked_is_what_is_loaded(format, member, tmp_path, canary):
    path = harmless(format, tmp_path)
    payload = read(path)[1]
    harm = io.BytesIO()
    torch.save(Harm(canary), harm)
    shown, hidden = (with_member(payload, member, content) for content in (lambda old: old, harm.getvalue()))
    sealed(path, two_archives(shown, hidden))
    assert verify(path).passed
    assert not canary.exists()


def test_pickled_constants(tmp_path, canary):
    path = harmless("export", tmp_path)
    payload = with_member(read(path)[1], "data/constants/tensor_0", pickle.dumps(Harm(canary)))
    config = edit("config", value=lambda entries: {k: {**v, "use_pickle": True} for k, v in entries.items()})
    sealed(path, with_member(payload, "data/constants/model_constants_config.json", config))
    refused(path, canary, "pickled tensors")


@pytest.mark.parametrize("name", ["opaque_obj_0", "custom_obj_0", "tensor_0/../../x"])
def test_constants_of_other_kinds(name, tmp_path, canary):
    path = harmless("export", tmp_path)
    sealed(path, with_member(read(path)[1], f"data/constants/{name}", pickle.dumps(Harm(canary))))
    refused(path, canary, "unexpected member")


def test_machine_code_in_an_exported_program(tmp_path, canary):
    path = harmless("export", tmp_path)
    sealed(path, with_member(read(path)[1], "data/aotinductor/model/x.so", b"\x7fELF"))
    refused(path, canary, r"unexpected member .*x\.so")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "exec('1')",
        "Symbol('s0').__class__",
        "Integer('exec(1)')",
        "Add(exec, 1)",
        "(lambda: 1)()",
        "[1 for _ in ()]",
        "f'{1}'",
    ],
)
def test_sizes_that_are_not_arithmetic(text, tmp_path, canary):
    path = harmless("export", tmp_path)
    sealed(path, with_member(read(path)[1], "models/model.json", with_size(text)))
    refused(path, canary, "not allowed|cannot be read")


def test_guards_are_code(tmp_path, canary):
    path = harmless("export", tmp_path)
    guards = edit("guards_code", value=[writes(canary)])
    sealed(path, with_member(read(path)[1], "models/model.json", guards))
    refused(path, canary, "for guards_code, which is not allowed")


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system",
        "torch.ops.aten.from_file.default",
        "_operator.methodcaller",
        "torch.hub.load",
        "eval",
    ],
)
def test_operators_that_do_not_compute(target, tmp_path, canary):
    path = harmless("export", tmp_path)
    nodes = ("graph_module", "graph", "nodes", 0, "target")
    sealed(path, with_member(read(path)[1], "models/model.json", edit(*nodes, value=target)))
    refused(path, canary, "not allowed|has the operator")


def test_names_that_are_code(tmp_path, canary):
    path = harmless("export", tmp_path)
    name = ("graph_module", "graph", "inputs", -1, "as_tensor", "name")
    code = f"x):\n    {writes(canary)}\ndef g(x"
    sealed(path, with_member(read(path)[1], "models/model.json", edit(*name, value=code)))
    refused(path, canary, "not allowed")


def test_keys_that_are_code(tmp_path, canary):
    path = harmless("export", tmp_path)

    def renamed(values):
        first, *others = values.items()
        return {f"{first[0]}={writes(canary)}": first[1], **dict(others)}

    tensors = edit("graph_module", "graph", "tensor_values", value=renamed)
    sealed(path, with_member(read(path)[1], "models/model.json", tensors))
    refused(path, canary, r"its payload has \"\w+=open\(.* for name, which is not allowed")


@pytest.mark.parametrize("spec", ["in_spec", "out_spec"])
@pytest.mark.parametrize(
    ("key", "value"), [("type", "types.SimpleNamespace"), ("context", "__import__('os')"), ("context", "f()")]
)
def test_trees_of_other_types(key, value, spec, tmp_path, canary):
    path = harmless("export", tmp_path)

    def changed(text):
        version, tree = json.loads(text)
        return json.dumps([version, {"type": None, "children_spec": [], "context": None, **tree, key: value}])

    place = ("graph_module", "module_call_graph", 0, "signature", spec)
    sealed(path, with_member(read(path)[1], "models/model.json", edit(*place, value=changed)))
    refused(path, canary, f"for {spec}, which is not allowed")


@pytest.mark.parametrize("member", ["data.pkl", "constants.pkl"])
def test_a_python_pickle_in_torchscript(member, tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    sealed(path, with_member(read(path)[1], member, pickle.dumps(Harm(canary), protocol=2)))
    refused(path, canary, r"the pickle .* names '\w*builtin\w* exec'")


def test_other_ways_to_name_a_function_in_a_pickle(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    for protocol in (0, 4):
        sealed(path, with_member(read(path)[1], "data.pkl", pickle.dumps(Harm(canary), protocol=protocol)))
        refused(path, canary, "the pickle data.pkl in its payload (uses|names)")


def test_torchscript_that_writes_files(tmp_path, canary):
    class Writes(torch.nn.Module):
        """TorchScript has an operator for it."""

        def __init__(self, target: str):
            super().__init__()
            self.target = target

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            torch.save(x, self.target)
            return x

    path = tmp_path / "artifact.pt"
    with pytest.raises(ArtifactError, match=r"calls torch\.save"):
        save(Writes(str(canary)), path, "torchscript")  # which runs the module, as its owner may
    assert not path.exists()


@pytest.mark.parametrize(
    "code",
    [
        "torch.from_file('x')",
        "ops.aten.save(x, 'y')",
        "ops.c10d.send(x)",
        "y = torch",
        "getattr(ops, 'aten')",
        "__torch__.torch.classes.x.Y.f(x)",
        "def __setstate__(self, x):\n  pass",
        'x = 1 # type: """\n"""\ndef __setstate__(self, x):\n  pass\n# type: """',
        # Read by Python as strings, or as code on the next line, and by torch as neither.
        '# coding: raw_unicode_escape\n# \\u000a"""\ntorch.save(x, "y")\n# \\u000a"""',
        '#\r"""\ntorch.save(x, "y")\n#\r"""',
        "x = 'é'",
        "x\tif y else z",
    ],
)
def test_code_that_reaches_for_more(code, tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    sealed(path, with_member(read(path)[1], "code/__torch__/more.py", code))
    refused(path, canary, "the code code/__torch__/more.py")


def test_classes_in_cpp_are_not_made(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    sealed(path, with_member(read(path)[1], "data.pkl", b"\x80\x02c__torch__.torch.classes.x\nY\n."))
    refused(path, canary, r"the pickle data.pkl in its payload names '__torch__.torch.classes.x Y'")


@pytest.mark.parametrize(
    ("code", "operator"),
    [
        ("torch.save(x, 'y')", "aten::save"),
        ("x = torch.from_file('y')", "aten::from_file"),
        ("if True:\n    torch.save(x, 'y')", "aten::save"),
        ("x = ops.quantized.relu6(x)", "quantized::relu6"),
    ],
)
def test_operators_are_looked_at_after_torch_read_them(code, operator):
    source = f"def f(x: Tensor) -> Tensor:\n  {code}\n  return x\n".replace("ops.", "torch.ops.")
    unit = torch._C.CompilationUnit()
    unit.define(source, lambda name: torch)
    with pytest.raises(ArtifactError, match=f"has the operator {operator}"):
        check_operators(unit)


def test_an_archive_that_unpacks_to_too_much(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("artifact/data/0", bytes(2**26 + 2**20))
    sealed(path, out.getvalue())
    refused(path, canary, "would unpack to")


def test_two_members_of_one_name(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("artifact/data/0", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("artifact/data/0", b"2")
    sealed(path, out.getvalue())
    refused(path, canary, "two members of the same name")


def test_onnx_that_reads_another_file(tmp_path, canary):
    path = harmless("onnx", tmp_path)
    model = onnx.load_from_string(read(path)[1])
    tensor = model.graph.initializer[0]
    size = len(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "secret"), ("offset", "0"), ("length", str(size))):
        tensor.external_data.add(key=key, value=value)
    (tmp_path / "secret").write_bytes(struct.pack("<f", 1.0) * (size // 4))
    sealed(path, model.SerializeToString(), ONNX)
    refused(path, canary, "another file|onnx refuses")


def test_tensors_of_subgraphs_are_found():
    inner = onnx.TensorProto(name="inner")
    branch = onnx.GraphProto(initializer=[inner])
    node = onnx.NodeProto(op_type="If", attribute=[onnx.AttributeProto(name="then_branch", g=branch)])
    outer = onnx.TensorProto(name="outer")
    model = onnx.ModelProto(graph=onnx.GraphProto(node=[node], initializer=[outer]))
    assert {tensor.name for tensor in parts_in(model, onnx.TensorProto)} == {"inner", "outer"}


def test_machine_code_wants_trust(tmp_path, canary):
    path = harmless("export", tmp_path)
    description, payload = read(path)
    path.write_bytes(ZIP.attach(payload, replace(description, format="aoti").to_text()))
    refused(path, canary, r"machine code \(aoti\).*trust=True")


@pytest.mark.parametrize(("format", "carrier"), [("torchscript", ZIP), ("onnx", ONNX)])
def test_a_text_that_the_runtime_would_not_pass_over(format, carrier, tmp_path, canary):
    # All digests fit. What announces the text, the length of a comment or the name of a property, is zeros.
    path = harmless(format, tmp_path)
    description, payload = read(path)
    whole, text = path.read_bytes(), description.to_text()
    announcement = len(whole) - len(payload) - len(text)
    path.write_bytes(payload + bytes(announcement) + text)
    refused(path, canary, "its description stands at another place than its format wants")


def test_a_payload_that_goes_on_after_its_archive(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    description, payload = read(path)
    longer = payload + bytes(40)
    described = replace(description, payload_bytes=len(longer), sha256=hashlib.sha256(longer).hexdigest())
    path.write_bytes(longer + described.to_text())
    refused(path, canary, "it is not a zip archive, or has a comment already")


def test_a_description_that_names_another_class(tmp_path, canary):
    path = harmless("torchscript", tmp_path)
    description, payload = read(path)
    for name, config in (("os", {}), ("Transform", {}), ("STFT", {"n_fft": -1}), ("STFT", {"harm": 1})):
        path.write_bytes(ZIP.attach(payload, replace(description, name=name, config=config).to_text()))
        with pytest.raises(ArtifactError, match=r"no transform|does not rebuild"):
            verify(path)
