"""Run saved TorchScript modules where none of our packages can be imported.

This file is the program of that process, started by path and never imported by the package: it may use
only torch and the standard library. ``run_in_clean_process`` writes its orders and reads its answer.
"""

import importlib.abc
import json
import sys
from pathlib import Path

BLOCKED = ("nnaudio2_core", "nnaudio2_deploy", "nnAudio")


class _Blocker(importlib.abc.MetaPathFinder):
    """First of all finders, so that a blocked package cannot be imported although it is installed."""

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        if fullname.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {fullname!r} (blocked)", name=fullname)


def import_errors() -> dict[str, str]:
    """Message of the failed import of each blocked package; those that can be imported are left out."""
    return {name: answer for name in BLOCKED if (answer := _import_error(name))}


def _import_error(name: str) -> str:
    try:
        __import__(name)
    except ImportError as error:
        return str(error)
    return ""


def main(folder: Path) -> None:
    """Carry out ``orders.json`` in ``folder``; leave ``results.pt`` and ``proof.json`` there."""
    sys.meta_path.insert(0, _Blocker())
    refused = import_errors()
    if len(refused) < len(BLOCKED):
        sys.exit(f"these can be imported here: {sorted(set(BLOCKED) - set(refused))}")

    import warnings

    import torch

    # torch announces the end of TorchScript at every load; whoever started this asked for TorchScript
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.")
    loaded: dict[str, torch.jit.ScriptModule] = {}
    results = []
    for order in json.loads((folder / "orders.json").read_text()):
        if order["module"] not in loaded:
            loaded[order["module"]] = torch.jit.load(order["module"])
        inputs = torch.load(folder / order["inputs"], weights_only=True)
        with torch.no_grad():
            results.append(getattr(loaded[order["module"]], order["method"])(*inputs))
    torch.save(results, folder / "results.pt")
    proof = {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "refused": refused,
        "ours_loaded": sorted(name for name in sys.modules if name.partition(".")[0] in BLOCKED),
    }
    (folder / "proof.json").write_text(json.dumps(proof))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
