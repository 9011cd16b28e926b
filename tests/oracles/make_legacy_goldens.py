"""Make the goldens of nnaudio-compat with the legacy packages.

Install each package in a separate folder with ``pip install --no-deps --target FOLDER PACKAGE``. Run this
file with that folder on the path, from the root of the repository, in an environment with torch, numpy and
scipy:

    PYTHONPATH=FOLDER:. python tests/oracles/make_legacy_goldens.py nnAudio     # nnAudio==0.3.4
    PYTHONPATH=FOLDER:. python tests/oracles/make_legacy_goldens.py nnAudio2    # nnaudio2==2.0.3

The first command writes the outputs of every case, edited kernel and helper, state dicts, and whole modules;
the second, with nnAudio 2.0.3 (Roy et al.), only state dicts.
"""

import contextlib
import gzip
import importlib
import io
import sys
import warnings
from pathlib import Path

import numpy as np
import scipy.signal
import torch
from tests.oracles.legacy_cases import CASES, EDITS, edited, states
from tests.oracles.legacy_helpers import helper_calls

GOLDENS = Path(__file__).parent / "goldens"
VERSIONS = {"nnAudio": "0.3.4", "nnAudio2": "2.0.3"}


def arrays(output):
    parts = output if isinstance(output, tuple) else (output,)
    return [part.detach().numpy().astype(np.float32) for part in parts]


def flat(outputs):
    """One array per name; the parts of an output have numbered names."""
    return {f"{name}/{i}": part for name, output in outputs.items() for i, part in enumerate(arrays(output))}


def with_edit(package, case, name):
    module = case.build(package)
    owner, _, kernel = name.rpartition(".")
    tensor = getattr(module.get_submodule(owner), kernel)
    tensor.data.copy_(edited(tensor))
    return case.run(module)


def checkpoint(package, case, changes):
    """State dict and outputs of a module, and the state of its optimizer, after one training step."""
    module = case.build(package, **changes)
    result = {}
    output = case.run(module)
    if not isinstance(output, tuple) and output.requires_grad:
        optimizer = torch.optim.SGD(module.parameters(), lr=1e-2, momentum=0.9)
        output.square().mean().backward()
        optimizer.step()
        result["optimizer"] = optimizer.state_dict()
    return {
        **result,
        "state": module.state_dict(),
        "outputs": [torch.from_numpy(a) for a in arrays(case.run(module))],
    }


def save(value, name):
    stream = io.BytesIO()
    torch.save(value, stream)
    (GOLDENS / name).write_bytes(gzip.compress(stream.getvalue(), mtime=0))


def main(name):
    # CFP cannot be constructed without this name, which SciPy 1.13 removed.
    scipy.signal.blackmanharris = scipy.signal.windows.blackmanharris
    package = importlib.import_module(name)
    assert package.__version__ == VERSIONS[name], package.__version__
    features = importlib.import_module(f"{name}.features")
    kept = {key: checkpoint(features, case, changes) for key, case, changes in states()}
    save(kept, f"legacy_states_{name.lower()}.pt.gz")
    if name != "nnAudio":
        return
    np.savez_compressed(
        GOLDENS / "legacy_outputs.npz", **flat({case.id: case.run(case.build(features)) for case in CASES})
    )
    np.savez_compressed(
        GOLDENS / "legacy_edits.npz",
        **flat({f"{case.id}/{kernel}": with_edit(features, case, kernel) for case, kernel in EDITS}),
    )
    modules = {key: case.build(features, **changes) for key, case, changes in states() if not changes}
    save(modules, "legacy_modules.pt.gz")
    save([call() for call in helper_calls(name)], "legacy_helpers.pt.gz")


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main(*sys.argv[1:])
