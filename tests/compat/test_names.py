"""Import paths, signatures, printed lines and warnings of the legacy package."""

import importlib
import inspect
import re
import subprocess
import sys
import types
import warnings

import pytest
from packaging.version import Version
from tests.compat.kept import API

import nnAudio
from nnAudio import features
from nnAudio._deprecation import replacements
from nnaudio2_core.__about__ import __version__


def run(code, *options):
    return subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=False)


def ok(code, *options):
    result = run(code, *options)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


IMPORTS = [
    "from nnAudio import features as X; X.CQT1992v2, X.MelSpectrogram",
    "import nnAudio.features; nnAudio.features.STFT",
    "import nnAudio.features as X; X.mel.STFT, X.cqt.CQT2010v2",
    "from nnAudio.features.cqt import CQT, CQT1992, CQT1992v2, CQT2010, CQT2010v2, np",
    "from nnAudio.features.mel import MelSpectrogram, MFCC, STFT",
    "from nnAudio.features.stft import STFT, iSTFT, STFTBase",
    "from nnAudio.features.gammatone import Gammatonegram",
    "from nnAudio.features.vqt import VQT, downsampling_by_n",
    "from nnAudio.features.cfp import CFP, Combined_Frequency_Periodicity",
    "from nnAudio.features.griffin_lim import Griffin_Lim",
    "from nnAudio.utils import *; create_cqt_kernels, create_fourier_kernels, nextpow2, np, torch",
    "from nnAudio.librosa_functions import *; chroma, fft_frequencies, np",
    "import nnAudio; nnAudio.utils.nextpow2, nnAudio.features.CQT, nnAudio.librosa_functions.tiny",
]
OLDEST = [
    "from nnAudio import Spectrogram; Spectrogram.CQT1992v2",
    "from nnAudio.Spectrogram import CQT1992v2",
    "from nnAudio.Spectrogram import *; STFT, np",
    "import nnAudio.Spectrogram; nnAudio.Spectrogram.MelSpectrogram",
    "import nnAudio.Spectrogram as X; X.MFCC",
    "import nnAudio; nnAudio.Spectrogram.VQT",
]


REFUSE = """
import torch
def refuse(*args, **kwargs):
    raise AssertionError("torch.jit is called at import")
for name in ("script", "trace", "trace_module", "script_if_tracing", "load", "save", "freeze"):
    setattr(torch.jit, name, refuse)
"""


def test_every_import_path_works_without_warnings_and_without_torch_jit():
    blocks = "\n".join(f"exec({statement!r}, {{}})" for statement in IMPORTS)
    assert ok(REFUSE + blocks, "-W", "error") == ""


@pytest.mark.parametrize("statement", OLDEST)
def test_spectrogram_has_a_warning_of_its_own_at_the_users_line(statement, monkeypatch):
    monkeypatch.delitem(sys.modules, "nnAudio.Spectrogram", raising=False)
    monkeypatch.delitem(vars(nnAudio), "Spectrogram", raising=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(f"\n{statement}", "<user>", "exec"), {})
    assert [(w.category, w.filename, w.lineno) for w in caught] == [(Warning, "<user>", 2)]


def kind(value):
    """Description of a value: its type, or its name where it is a module or another package's function."""
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    place = getattr(value, "__module__", None)
    if callable(value) and not place.startswith("nnAudio"):
        return f"{place.partition('._')[0]}.{value.__name__}"
    return type(value).__name__


@pytest.mark.parametrize("module", ["features", "Spectrogram"])
def test_a_star_import_brings_the_legacy_names_and_the_same_values(module):
    public = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(f"from nnAudio.{module} import *", public)
    found = {name: kind(public[name]) for name in API["features"] if name in public}
    assert found == API["features"]


def test_version():
    assert Version(nnAudio.__version__).release[:2] == (0, 3)
    assert Version(nnAudio.__version__) >= Version("0.3.3")
    assert nnAudio.nnaudio2_version == __version__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        nnAudio.nothing  # noqa: B018


def test_a_warning_names_the_legacy_distribution_where_both_are_installed(tmp_path):
    folder = tmp_path / "nnaudio-0.3.4.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: nnAudio\nVersion: 0.3.4\n", encoding="utf-8"
    )
    code = f"import sys; sys.path.append({str(tmp_path)!r})\nimport nnAudio"
    result = run(code)
    assert result.returncode == 0
    assert "<string>:2: RuntimeWarning: nnAudio 0.3.4 and nnaudio-compat" in result.stderr
    assert result.stderr.count("pip uninstall nnAudio nnaudio-compat") == 1


CLASSES = [name for name in API["classes"] if name != "STFTBase"]


@pytest.mark.parametrize("name", CLASSES)
def test_signatures(name):
    entry = API["classes"][name]
    cls = getattr(features, name)
    assert cls.__module__ == entry["module"]
    found = {"init": cls, **{method: getattr(cls, method) for method in entry["methods"]}}
    for method, function in found.items():
        parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
        expected = entry["init"] if method == "init" else entry["methods"][method]
        assert [(p.name, p.kind.name.lower()) for p in parameters] == [
            (e["name"], e["kind"]) for e in expected
        ]
        for parameter, legacy in zip(parameters, expected, strict=True):
            if "default" in legacy:
                assert parameter.default == legacy["default"], (method, parameter)


SMALL = {
    "STFT": {"n_fft": 64},
    "iSTFT": {"n_fft": 64},
    "MelSpectrogram": {"n_fft": 64, "n_mels": 6},
    "MFCC": {"n_fft": 64, "n_mels": 6, "n_mfcc": 4},
    "Gammatonegram": {"n_fft": 64, "n_bins": 6},
    "CFP": {"fr": 16, "fs": 4000, "window_size": 129},
    "Combined_Frequency_Periodicity": {"fr": 16, "fs": 4000, "window_size": 129},
    "Griffin_Lim": {"n_fft": 64},
}
PITCHES = {"n_bins": 6, "fmin": 1000}


def build(name, **changes):
    return getattr(features, name)(**{**SMALL.get(name, PITCHES), **changes})


@pytest.mark.parametrize("entry", API["printed"], ids=lambda entry: str([*entry.values()][:2]))
def test_printed_lines(entry, capsys):
    getattr(features, entry["class"])(**entry["arguments"])
    assert re.sub(r"\d+\.\d{4}", "N", capsys.readouterr().out) == entry["text"]


@pytest.mark.parametrize("name", CLASSES)
def test_without_verbose_nothing_is_printed(name, capsys):
    if any(argument["name"] == "verbose" for argument in API["classes"][name]["init"]):
        build(name, verbose=False)
        assert capsys.readouterr().out == ""


def test_the_argument_names_of_a_constructor():
    for name in CLASSES:
        names = [entry["name"] for entry in API["classes"][name]["init"] if "var" not in entry["kind"]]
        assert inspect.getfullargspec(getattr(features, name).__init__).args == ["self", *names]


@pytest.mark.parametrize("name", CLASSES)
def test_an_unknown_keyword_is_a_type_error(name):
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        build(name, nonsense=1)


@pytest.mark.parametrize("name", CLASSES)
def test_the_argument_device_moves_the_module_and_warns(name, device):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module = build(name, device=str(device))
    tensors = [module.w] if name == "Griffin_Lim" else [*module.parameters(), *module.buffers()]
    assert {tensor.device.type for tensor in tensors} == {device.type}
    if name != "Griffin_Lim":  # Griffin_Lim has the argument
        said = [warning for warning in caught if "device is not an argument" in str(warning.message)]
        assert [warning.category for warning in said] == [nnAudio.NnAudioDeprecationWarning]
        assert said[0].filename == __file__


FIRST_USE = """
import warnings
from nnAudio import features, utils, NnAudioDeprecationWarning
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    mel = features.MFCC(n_fft=64, n_mels=6, n_mfcc=4, verbose=False)
    features.MFCC(n_fft=64, n_mels=6, n_mfcc=4, verbose=False)
    stft = features.STFT(n_fft=64, verbose=False)
    class Mine(features.CQT2010v2):
        def __init__(self):
            self.before = 1
            super().__init__(n_bins=6, fmin=1000, verbose=False)
    Mine()
    utils.nextpow2(5), utils.nextpow2(5)
    import copy, pickle, torch
    x = torch.zeros(1, 900)
    for module in (mel, stft):
        module(x), copy.deepcopy(module)(x), pickle.loads(pickle.dumps(module))(x)
for w in caught:
    assert issubclass(w.category, NnAudioDeprecationWarning) and issubclass(w.category, DeprecationWarning)
    name, replacement = str(w.message).split(" is deprecated, use ")
    print(w.filename, w.lineno, name, "nnaudio2_core" in replacement)
"""


def test_the_first_use_of_a_name_warns_once_at_the_users_line():
    expected = [
        "<string> 6 nnAudio's MFCC True",
        "<string> 8 nnAudio's STFT True",
        "<string> 12 nnAudio's CQT2010v2 True",
        "<string> 14 nnAudio's nextpow2 False",
    ]
    assert ok(FIRST_USE).splitlines() == expected


def test_every_deprecated_name_has_a_replacement_that_exists():
    helpers = {name for functions in API["functions"].values() for name in functions}
    assert set(API["classes"]) | helpers == set(replacements)
    for name, replacement in replacements.items():
        path = re.match(r"[A-Za-z0-9_.]+", replacement).group()
        module, _, attribute = path.rpartition(".")
        if module.startswith("nnaudio2_core"):
            assert hasattr(importlib.import_module(module), attribute), (name, replacement)
