"""Memory of an hour of audio in one call (input, output and little more), and its reuse by chunks."""

import json
import platform
import subprocess
import sys

import pytest

# Runs in a process of its own, so that its peak is its own. On Linux ru_maxrss starts from the parent's, so
# the peak is read from /proc there; macOS counts ru_maxrss in bytes.
SCRIPT = """
import json, resource, sys
import torch
import nnaudio2_core as core

name, hour = sys.argv[1], int(sys.argv[2])


def peak():
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


module = getattr(core, name)(**json.loads(sys.argv[3]))
with torch.inference_mode():
    if name == "iSTFT":
        shape = (module.n_fft // 2 + 1, 1 + hour // module.hop_length, 2)
        x = torch.zeros(shape[1], shape[0], 2).normal_().transpose(0, 1)
        arguments = (x[:, :200], True), (x, True)
    else:
        x = torch.zeros(hour).normal_()
        arguments = (x[:200_000],), (x,)
    module(*arguments[0])
    before = peak()
    y = module(*arguments[1])
extra = peak() - before - y.untyped_storage().nbytes()
print(json.dumps({"extra": extra, "finite": bool(y[..., -1000:].isfinite().all())}))
"""

HOUR = 3600 * 22050


@pytest.mark.skipif(sys.platform == "win32", reason="the resource module is not on Windows")
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("STFT", {"n_fft": 2048, "hop_length": 512}),
        ("STFT", {"n_fft": 1024, "hop_length": 1024, "freq_scale": "log", "freq_bins": 100}),
        ("iSTFT", {"n_fft": 2048, "hop_length": 512}),
        ("MelSpectrogram", {}),
        ("MFCC", {}),
        ("CQT", {}),
    ],
    ids=str,
)
def test_an_hour_needs_input_output_and_500_mb(name, arguments):
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(HOUR), json.dumps(arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["finite"]
    assert report["extra"] <= 500e6


FAULTS = """
import resource, statistics, sys
import torch
import nnaudio2_core as core


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


if sys.argv[2] == "True":
    core.keep_freed_memory()
torch.set_num_threads(1)
module, x, counts = getattr(core, sys.argv[1])(), torch.zeros(8, 220500), []
with torch.inference_mode():
    for _ in range(11):
        before = faults()
        module(x)
        counts.append(faults() - before)
print(statistics.median(counts))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about the allocator of glibc")
@pytest.mark.parametrize("name", ["MelSpectrogram", "CQT", "CFP"])
def test_kept_memory_is_used_again_by_chunks(name):
    """Most calls map no page anew; a few still do, while the heap grows to its shape."""
    assert faults(name, keep=True) < 1000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is about the allocator of glibc")
def test_importing_the_package_leaves_the_allocator_alone():
    """Some 13 000 pages are mapped in each call when the buffers of each chunk go back to the system."""
    assert faults("MelSpectrogram", keep=False) > 2000


def faults(name, keep):
    """Median of the page faults of a call, on one thread in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-c", FAULTS, name, str(keep)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return float(result.stdout)
