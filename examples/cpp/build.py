"""Build a program with g++ and the libtorch inside the installed torch: ``python build.py [OUTPUT]``.

OUTPUT is named after its source: lowpass or realtime.
"""

import os
import subprocess
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
TORCH = Path(torch.__file__).parent


def command(output: Path) -> list[str]:
    """The one line that builds it."""
    return [
        os.environ.get("CXX", "g++"),
        "-std=c++20",
        "-O1",
        f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}",
        f"-isystem{TORCH}/include",
        f"-isystem{TORCH}/include/torch/csrc/api/include",
        str(HERE / f"{output.stem}.cpp"),
        f"-L{TORCH}/lib",
        f"-Wl,-rpath,{TORCH}/lib",
        "-ltorch",
        "-ltorch_cpu",
        "-lc10",
        "-pthread",
        "-o",
        str(output),
    ]


if __name__ == "__main__":
    line = command(Path(sys.argv[1] if len(sys.argv) > 1 else "lowpass"))
    print(*line)
    sys.exit(subprocess.call(line))
