"""Operators that files may have: those of our exports and of torch.nn pass, others want trust."""

import io
import json
import re
import subprocess
import sys
import zipfile

import pytest
import torch
from torch import nn

from nnaudio2_deploy import ArtifactError, load, save, verify
from nnaudio2_deploy.artifacts.formats.exported import _forget_sources
from nnaudio2_deploy.artifacts.formats.exported_check import checked_exported
from nnaudio2_deploy.artifacts.formats.operators import is_listed
from nnaudio2_deploy.artifacts.formats.torchscript_check import check_operators

X = (2, 8, 50)
LAYERS = {
    "conv": (lambda: nn.Conv1d(8, 4, 3, padding="same", padding_mode="reflect"), X),
    "transposed": (lambda: nn.ConvTranspose2d(8, 4, 3), (2, 8, 16, 50)),
    "batch norm": (lambda: nn.BatchNorm1d(8), X),
    "instance norm": (lambda: nn.InstanceNorm1d(8, affine=True), X),
    "group norm": (lambda: nn.GroupNorm(2, 8), X),
    "layer norm": (lambda: nn.LayerNorm(50), X),
    "RMS norm": (lambda: nn.RMSNorm(50), X),
    "LSTM": (lambda: nn.Sequential(nn.LSTM(50, 4, 2, bidirectional=True)), X),
    "GRU cell": (lambda: nn.GRUCell(8, 4), (2, 8)),
    "attention": (lambda: nn.TransformerEncoderLayer(50, 2, 16, batch_first=True), X),
    "embedding": (lambda: nn.EmbeddingBag(10, 4), (2, 5)),
    "pooling": (lambda: nn.Sequential(nn.MaxPool1d(2), nn.AvgPool1d(2), nn.AdaptiveMaxPool1d(4)), X),
    "activations": (lambda: nn.Sequential(nn.GELU(), nn.Mish(), nn.PReLU(), nn.Softplus(), nn.GLU(1)), X),
    "upsampling": (lambda: nn.Upsample(scale_factor=2, mode="linear"), X),
    "pixels": (lambda: nn.Sequential(nn.PixelShuffle(2), nn.Unfold(3)), (2, 8, 6, 10)),
    "weight norm": (lambda: nn.utils.parametrizations.weight_norm(nn.Conv1d(8, 4, 3)), X),
    "dropout": (lambda: nn.Sequential(nn.Dropout(0.5), nn.AlphaDropout()), X),
}


def exported_payload(module, x):
    """As the format ``export`` makes it, for inputs of any type."""
    program = torch.export.export(module, (x,))
    program.example_inputs, program._guards_code = None, []
    _forget_sources(program.graph_module)
    out = io.BytesIO()
    torch.export.save(program, out)
    return out.getvalue()


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning", "ignore:The tensor attributes:UserWarning")
def test_layers_of_torch_pass(name):
    make, shape = LAYERS[name]
    layer = make().eval()
    x = torch.randint(10, shape) if name == "embedding" else torch.randn(shape)
    out = io.BytesIO()
    torch.jit.save(torch.jit.script(layer), out)
    unit = torch._C.CompilationUnit()
    torch._C.import_ir_module_from_buffer(unit, out.getvalue(), torch.device("cpu"), {}, False)
    check_operators(unit)
    checked_exported(exported_payload(layer, x))


@pytest.mark.parametrize(
    "name",
    [
        *("save", "from_file", "manual_seed", "seed", "set_", "resize_", "as_strided", "_foobar"),
        *("_sparse_coo_tensor_unsafe", "_sparse_coo_tensor_with_dims_and_tensors", "sparse_coo_tensor"),
        *("_fft_c2r", "segment_reduce", "fbgemm_pack_gemm_matrix_fp16", "mkldnn_convolution", "__and___"),
    ],
)
def test_operators_that_are_not_listed(name):
    assert not is_listed(name)
    assert not is_listed(name, language=True)


def test_in_place_operators_are_listed_with_their_others():
    assert is_listed("add_")
    assert not is_listed("append")
    assert is_listed("append", language=True)


def test_every_listed_operator_exists():
    """A misspelt name would refuse sound files."""
    known = {name.partition("::")[2] for name in torch._C._dispatch_get_all_op_names()}
    known = {name.partition(".")[0] for name in known}
    known |= {schema.name.partition("::")[2] for schema in torch._C._jit_get_all_schemas()}
    from nnaudio2_deploy.artifacts.formats import operators

    missing = {name for name in operators._SCRIPT if name not in known and f"{name}_" not in known}
    assert missing == set()


UNSAFE = """
def f(x: Tensor) -> Tensor:
  i = torch.tensor([[1000000000]])
  v = torch.ones([1])
  {call}
  return x
"""


@pytest.mark.parametrize(
    "call",
    [
        "x = torch.ops.aten._sparse_coo_tensor_unsafe(i, v, [1])",
        "x = torch.ops.aten._sparse_coo_tensor_with_dims_and_tensors(1, 0, [1], i, v, dtype=6)",
        "torch.ops.aten.manual_seed(3)",
    ],
)
def test_operators_that_trust_their_arguments_are_refused_in_torchscript(call):
    unit = torch._C.CompilationUnit()
    unit.define(UNSAFE.format(call=call), lambda name: torch)
    with pytest.raises(ArtifactError, match=r"has the operator aten::\w+; trust=True \(--trust\) permits"):
        check_operators(unit)


def test_print_is_refused_in_torchscript():
    unit = torch._C.CompilationUnit()
    unit.define("def f(x: Tensor) -> Tensor:\n  print('x')\n  return x\n", lambda name: torch)
    with pytest.raises(ArtifactError, match="has the operator prim::Print"):
        check_operators(unit)


class Talks(nn.Module):
    """Has an operator that is not listed."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        print("heard")
        return 2 * x


class Windowed(nn.Module):
    """The same for export."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.as_strided(x.shape, x.stride()) * 2


@pytest.mark.parametrize(("model", "format"), [(Talks, "torchscript"), (Windowed, "export")])
def test_trust_permits_any_operator(model, format, tmp_path, capfd):
    path = tmp_path / "model"
    with pytest.raises(ArtifactError, match=r"has the operator .*; trust=True \(--trust\) permits any"):
        save(model(), path, format)
    assert not path.exists()
    save(model(), path, format, trust=True)
    for opened in (load, verify):
        with pytest.raises(ArtifactError, match=r"has the operator .*; trust=True \(--trust\) permits any"):
            opened(path)
    assert verify(path, trust=True).passed
    capfd.readouterr()


def with_target(payload, target):
    """An exported program whose first operator is another one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith("models/model.json"):
                document = json.loads(content)
                document["graph_module"]["graph"]["nodes"][0]["target"] = target
                content = json.dumps(document).encode()
            new.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("torch.ops.aten._sparse_coo_tensor_unsafe.default", "has the operator .*trust=True"),
        ("torch.ops.aten.as_strided.default", "has the operator .*trust=True"),
        ("torch.ops.aten.add.out", "has the operator .*trust=True"),
        ("torch.ops.other.add.Tensor", "has the operator .*trust=True"),
        ("torch.os.system", "for an operator, which is not allowed"),
    ],
)
def test_operators_of_exported_programs(target, said):
    payload = with_target(exported_payload(nn.ReLU(), torch.ones(3)), target)
    with pytest.raises(ArtifactError, match=said):
        checked_exported(payload)
    if "trust" in said:
        checked_exported(payload, trust=True)
    else:
        with pytest.raises(ArtifactError, match=re.escape(target)):
            checked_exported(payload, trust=True)


HARM = """
import torch
i, v = torch.tensor([[10**9]]), torch.ones(1)
kind = {"dtype": v.dtype, "layout": torch.sparse_coo, "device": "cpu"}
torch.ops.aten._sparse_coo_tensor_unsafe(i, v, [1], **kind).to_dense()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="how a process ends differs")
def test_the_harm_is_real():
    done = subprocess.run([sys.executable, "-c", HARM], capture_output=True, check=False)
    assert done.returncode < 0
