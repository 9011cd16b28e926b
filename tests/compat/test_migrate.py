"""The command that rewrites old code: its diff, the files it writes, and the results of migrated code."""

import json
import re
import subprocess
import sys

import pytest
import torch

from nnAudio._notebooks import code_of
from nnAudio.migrate import main

NETWORK = '''\
"""A music tagger."""
import numpy as np
import torch
from nnAudio import Spectrogram  # front end
from nnAudio.features.mel import MelSpectrogram as Mel
from nnAudio.features import CQT1992v2, Griffin_Lim, cqt


class Tagger(torch.nn.Module):
    def __init__(self, sr=16000, device="cpu"):
        super().__init__()
        self.stft = Spectrogram.STFT(n_fft=256, hop_length=64, verbose=False, output_format="Magnitude")
        self.mel = Mel(sr, 256, None, 20, 64, verbose=False, trainable_mel=True, device=device)
        self.cqt = CQT1992v2(sr, 128, 200.0, None, 24, verbose=False)
        self.octaves = cqt.CQT2010v2(
            sr, 128, fmin=200.0, n_bins=24, norm=True,
            verbose=False,  # silent
        )

    def forward(self, x):
        return self.stft(x), self.mel(x), self.cqt(x, "Complex"), self.octaves(x)


def invert(S, verbose=False):
    """A ``verbose`` that is not nnAudio's stays."""
    return Griffin_Lim(256, hop_length=64)(S)


model = Tagger()
'''
MIGRATED = '''\
"""A music tagger."""
import numpy as np
import torch
import nnaudio2_core as Spectrogram  # front end
from nnaudio2_core import MelSpectrogram as Mel
import nnaudio2_core as cqt
from nnaudio2_core import CQT1992v2, GriffinLim


class Tagger(torch.nn.Module):
    def __init__(self, sr=16000, device="cpu"):
        super().__init__()
        self.stft = Spectrogram.STFT(n_fft=256, hop_length=64, output_format="Magnitude")
        self.mel = Mel(sr, 256, win_length=None, n_mels=20, hop_length=64, trainable_mel=True).to(device)
        self.cqt = CQT1992v2(sr, 128, fmin=200.0, fmax=None, n_bins=24)
        self.octaves = cqt.CQT2010v2(
            sr, 128, fmin=200.0, n_bins=24,  # silent
        )

    def forward(self, x):
        return self.stft(x), self.mel(x), self.cqt(x, "Complex"), self.octaves(x)


def invert(S, verbose=False):
    """A ``verbose`` that is not nnAudio's stays."""
    return GriffinLim(256, hop_length=64)(S)


model = Tagger()
'''


def migrated(tmp_path, source, *options):
    path = tmp_path / "code.py"
    path.write_text(source, encoding="utf-8")
    assert main([str(path), "--write", *options]) == 0
    return path.read_text(encoding="utf-8")


def test_a_migrated_network_computes_the_same(tmp_path):
    new = migrated(tmp_path, NETWORK)
    assert re.sub(r",\s*# silent", ",  # silent", new) == MIGRATED
    assert migrated(tmp_path, new) == new
    before, after = {}, {}
    exec(NETWORK, before)
    exec(new, after)
    x = torch.randn(2, 16000)
    for old, other in zip(before["model"](x), after["model"](x), strict=True):
        assert float((old - other).detach().abs().max()) < 1e-4 * float(old.detach().abs().max())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import nnAudio.Spectrogram as S\nS.CQT(8000)\n", "import nnaudio2_core as S\nS.CQT(8000)\n"),
        (
            "import nnAudio.features\nnnAudio.features.mel.MFCC()\n",
            "import nnaudio2_core\nnnaudio2_core.MFCC()\n",
        ),
        (
            "import nnAudio\nm = nnAudio.Spectrogram.VQT()\n",
            "import nnaudio2_core\nm = nnaudio2_core.VQT()\n",
        ),
        (
            "import nnAudio.features\nnnAudio.features.STFT(), nnAudio.__version__\n",
            "import nnaudio2_core\nimport nnAudio\nnnaudio2_core.STFT(), nnAudio.__version__\n",
        ),
        (
            "from nnAudio.Spectrogram import *\nCQT(verbose=False), np.zeros(nextpow2(3))\n",
            "from nnaudio2_core import CQT\nfrom nnAudio.utils import nextpow2\nimport numpy as np\n"
            "CQT(), np.zeros(nextpow2(3))\n",
        ),
        (
            "from nnAudio.features import STFT, nextpow2\nSTFT()\n",
            "from nnaudio2_core import STFT\nfrom nnAudio.features import nextpow2\nSTFT()\n",
        ),
        (
            "from nnAudio.features.cfp import Combined_Frequency_Periodicity as C, CFP\nC(2, 8000, 100)\n",
            "from nnaudio2_core import CombinedFrequencyPeriodicity as C, CFP\nC(2, 8000, hop_length=100)\n",
        ),
        (
            "from nnAudio.features import iSTFT\niSTFT(64, sr=8000, freq_bins=33, refresh_win=False)\n",
            "from nnaudio2_core import iSTFT\niSTFT(64, freq_bins=33)\n",
        ),
        (
            "from nnAudio.features import MFCC, VQT\nMFCC(8000, 5, None), VQT(8000, window='hann', fmax=1)\n",
            "from nnaudio2_core import MFCC, VQT\nMFCC(8000, 5), VQT(8000)\n",
        ),
        (
            "def f():\n    # why\n    from nnAudio.features import mel, STFT\n    return mel.MFCC, STFT\n",
            "def f():\n    # why\n    import nnaudio2_core as mel\n    from nnaudio2_core import STFT\n"
            "    return mel.MFCC, STFT\n",
        ),
        ("CQT(verbose=False)\nx.Spectrogram(verbose=True)\n# nnAudio\n", None),
        ("from nnAudio.utils import create_cqt_kernels\n", None),
        ("from .nnAudio import CQT\nCQT(verbose=False)\n", None),
    ],
)
def test_forms(tmp_path, old, new):
    assert migrated(tmp_path, old) == (old if new is None else new)


MANUAL = """\
import functools
from nnAudio.utils import create_cqt_kernels, np
from nnAudio.features import CQT, MelSpectrogram, STFT
class Mine(MelSpectrogram):
    def __init__(self, layer: STFT):
        super().__init__(n_mels=40, verbose=False)
kinds = {"cqt": CQT}
make = functools.partial(STFT, verbose=False)
cqt = CQT(window=("gaussian", 30))
cqt(x), cqt.lenghts, tensor.stride(), make().stride
stft.inverse(X, refresh_win=False)
"""


def test_changes_to_make_by_hand_are_noted(tmp_path, capsys):
    migrated(tmp_path, MANUAL)
    notes = re.findall(r"code\.py:(\d+): (\S+ \S+)", capsys.readouterr().err)
    assert [(int(line), text) for line, text in notes] == [
        (2, "nnAudio.utils.create_cqt_kernels is"),
        (4, "MelSpectrogram is"),
        (6, "MelSpectrogram.__init__ takes"),
        (7, "CQT is"),
        (8, "STFT is"),
        (9, "convert the"),
        (10, "lenghts: modules"),
        (10, "stride: modules"),
        (11, "refresh_win is"),
    ]


def test_line_endings_and_encodings_stay(tmp_path):
    path = tmp_path / "code.py"
    source = "# -*- coding: latin-1 -*-\r\nfrom nnAudio.features import CQT  # Klänge\r\n".encode("latin-1")
    path.write_bytes(source)
    assert main([str(path), "--write"]) == 0
    assert path.read_bytes() == source.replace(b"nnAudio.features", b"nnaudio2_core")


def test_a_dry_run_shows_a_diff_and_writes_nothing(tmp_path, capsys):
    (tmp_path / "pkg" / ".hidden").mkdir(parents=True)
    source = "from nnAudio.features import CQT, create_fourier_kernels\nCQT(**options)\n"
    for name in ("a.py", "pkg/b.py", "pkg/.hidden/c.py", "pkg/d.txt"):
        (tmp_path / name).write_text(source, encoding="utf-8")
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert shown.out.count("+from nnaudio2_core import CQT\n") == 2
    assert shown.out.count("--- ") == 2
    assert f"{tmp_path / 'a.py'}:1: nnAudio.features.create_fourier_kernels is kept;" in shown.err
    assert "its replacement: nnaudio2_core.fourier.design_kernels.fourier_kernels" in shown.err
    assert f"{tmp_path / 'a.py'}:2: CQT is given * or ** arguments" in shown.err
    assert "2 files would change; nothing is written without --write" in shown.err
    assert {path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*") if path.is_file()} == {source}


def test_a_file_that_is_not_python_is_named_and_the_others_are_done(tmp_path, capsys):
    (tmp_path / "bad.py").write_text("from nnAudio import (\n", encoding="utf-8")
    (tmp_path / "good.py").write_text("from nnAudio.features import CQT\n", encoding="utf-8")
    assert main([str(tmp_path), "--write"]) == 1
    assert f"{tmp_path / 'bad.py'}: cannot be parsed as Python" in capsys.readouterr().err
    assert (tmp_path / "good.py").read_text(encoding="utf-8") == "from nnaudio2_core import CQT\n"
    assert {path.name for path in tmp_path.iterdir()} == {"bad.py", "good.py"}


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "code.py"
    path.write_text("from nnAudio.features import CQT\n", encoding="utf-8")
    path.chmod(0o640)
    monkeypatch.setattr("os.replace", lambda *args: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        main([str(path), "--write"])
    assert [found.name for found in tmp_path.iterdir()] == ["code.py"]
    assert "nnAudio" in path.read_text(encoding="utf-8")
    monkeypatch.undo()
    assert main([str(path), "--write"]) == 0
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_command(tmp_path):
    missing = tmp_path / "missing"
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "nnAudio.migrate", str(missing)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert f"FILE_OR_FOLDER must exist, got {missing}" in result.stderr


ROY = """\
import nnAudio2.features as features
from nnAudio2.features import CQT1992v2, iCQT

cqt = CQT1992v2(16000, 128, 200.0, n_bins=24, verbose=False)
icqt = iCQT(16000, 128, 200.0, n_bins=24, n_iter=32, verbose=False)
mel = features.MelSpectrogram(sr=16000, verbose=False)
"""
ROY_MIGRATED = """\
import nnaudio2_core as features
from nnaudio2_core import CQT1992v2, iCQT

cqt = CQT1992v2(16000, 128, fmin=200.0, n_bins=24)
icqt = iCQT(16000, 128, fmin=200.0, n_bins=24)
mel = features.MelSpectrogram(sr=16000)
"""


def test_imports_of_roy_et_al(tmp_path):
    path = tmp_path / "roy.py"
    path.write_text(ROY)
    assert main([str(path), "--write"]) == 0
    assert path.read_text() == ROY_MIGRATED
    exec(compile(ROY_MIGRATED, "roy.py", "exec"), {})


def notebook(*cells):
    """Cells of code, and of text for those that start with #."""
    made = [
        {"cell_type": "markdown", "metadata": {}, "source": source.splitlines(keepends=True)}
        if source.startswith("#")
        else {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["nnAudio é\n"]}],
            "source": source.splitlines(keepends=True),
        }
        for source in cells
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


CELLS = (
    "# Mel with nnAudio",
    "%matplotlib inline\n!pip install nnAudio\nfrom nnAudio import features",
    "%%bash\necho nnAudio",
    "if True:\n    %time x = 1\nmel = features.MelSpectrogram(sr=16000, verbose=False)\nmel",
    "",
    "files = !ls\nmel?",
)
AFTER = {
    1: CELLS[1].replace("from nnAudio import features", "import nnaudio2_core as features"),
    3: CELLS[3].replace(", verbose=False", ""),
}


def test_a_notebook(tmp_path, capsys):
    path = tmp_path / "mel.ipynb"
    path.write_text(json.dumps(notebook(*CELLS), indent=1, ensure_ascii=False), encoding="utf-8")
    before = path.read_bytes()
    assert main([str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "-from nnAudio import features" in shown
    assert path.read_bytes() == before
    assert main([str(path), "--write"]) == 0
    expected = [AFTER.get(number, source) for number, source in enumerate(CELLS)]
    assert json.loads(path.read_text(encoding="utf-8")) == notebook(*expected)
    assert "é" in path.read_text(encoding="utf-8")


CONTINUED = "a = (\n    n\n    % m\n    != other\n)\n%time a\n!ls"
TIMED = "%%time\nfrom nnAudio import features\n%timeit features.STFT()\nx = !ls"
TIMED_AFTER = TIMED.replace("from nnAudio import features", "import nnaudio2_core as features")


def test_operators_are_python_and_timed_cells_are_too(tmp_path):
    path = tmp_path / "timed.ipynb"
    path.write_text(json.dumps(notebook(CONTINUED, TIMED)))
    assert CONTINUED.split("%time")[0] in code_of(notebook(CONTINUED))
    assert main([str(path), "--write"]) == 0
    assert json.loads(path.read_text(encoding="utf-8")) == notebook(CONTINUED, TIMED_AFTER)


def test_notes_of_a_notebook_name_the_cell(tmp_path, capsys):
    path = tmp_path / "vqt.ipynb"
    path.write_text(
        json.dumps(notebook("# Text", "import os", "from nnAudio.features import VQT\nVQT(sr=16000)"))
    )
    assert main([str(path)]) == 0
    assert f"{path}: cell 2:2: VQT uses exact kernels" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "code"),
    [("nnAudio", 1), ('{"nnAudio": 1}', 1), ('{"cells": [{"cell_type": "nnAudio"}]}', 0)],
)
def test_what_is_no_notebook_is_named(content, code, tmp_path, capsys):
    (tmp_path / "odd.ipynb").write_text(content)
    assert main([str(tmp_path)]) == code
    assert ("odd.ipynb: cannot be parsed" in capsys.readouterr().err) == bool(code)


@pytest.mark.parametrize(
    "content",
    [
        '[1, "nnAudio"]',
        '{"nnAudio": 1, "cells": 3}',
        '{"nnAudio": 1, "cells": [{"cell_type": "code"}]}',
    ],
)
def test_json_that_is_not_a_notebook_is_refused(content, tmp_path, capsys):
    (tmp_path / "odd.ipynb").write_text(content)
    assert main([str(tmp_path)]) == 1
    assert "odd.ipynb: cannot be parsed as Python: it is not a notebook" in capsys.readouterr().err


def test_a_fault_of_the_rewriting_is_not_laid_to_the_file(tmp_path, monkeypatch):
    (tmp_path / "code.py").write_text("import nnAudio\n")
    monkeypatch.setattr("nnAudio.migrate.rewrite", lambda source: {}["no such name"])
    with pytest.raises(KeyError, match="no such name"):
        main([str(tmp_path)])
