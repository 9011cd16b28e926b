"""Machine, versions and date of a run of the bench, and the load by other programs."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Optional

import torch

OURS = ("nnaudio2-core", "torch", "numpy", "scipy")
PEERS = ("torchaudio", "librosa", "nnaudio2", "specux", "cicuetea")
SPELT = {"nnaudio2": "nnAudio {} (Roy et al.)"}
"""Names and versions that are not written one after the other."""


@dataclass(frozen=True)
class Machine:
    """The facts in the head of the results."""

    date: str
    processor: str
    cores: int
    memory_gb: Optional[float]
    system: str
    accelerator: str
    threads: int
    load: Optional[float]
    versions: dict[str, str]

    @property
    def busy(self) -> bool:
        """True if other programs used more than a quarter of the cores in the minute before."""
        return self.load is not None and self.load > self.cores / 4

    def lines(self) -> list[str]:
        """Markdown, one fact a line."""
        memory = "" if self.memory_gb is None else f", {self.memory_gb:.0f} GB of memory"
        load = "" if self.load is None else f"; load average before the start {self.load:.1f}"
        return [
            f"- {self.date}",
            f"- {self.processor}, {self.cores} cores{memory}; {self.accelerator}; {self.system}",
            f"- {self.threads} threads{load}",
            "- " + ", ".join(self.packages()),
        ]

    def packages(self) -> list[str]:
        """Names and versions."""
        return [SPELT.get(name, f"{name} {{}}").format(number) for name, number in self.versions.items()]


def this_machine() -> Machine:
    return Machine(
        date=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        processor=processor(),
        cores=os.cpu_count() or 1,
        memory_gb=memory_gb(),
        system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        accelerator=accelerator_name(),
        threads=torch.get_num_threads(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        versions={name: installed(name) for name in (*OURS, *PEERS)},
    )


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def accelerator() -> Optional[torch.device]:
    """The GPU that torch would take; None where there is none."""
    return torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None


def accelerator_name() -> str:
    device = accelerator()
    if device is None:
        return "no GPU"
    return torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()


def processor() -> str:
    """The processor's name as the system has it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = re.findall(r"^model name\s*: (.+)$", info.read_text(), flags=re.MULTILINE)
        if names:
            return str(names[0])
    if platform.system() == "Darwin":
        asked = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False
        )
        if asked.stdout.strip():
            return asked.stdout.strip()
    return platform.processor() or "unknown processor"


def memory_gb() -> Optional[float]:
    """Physical memory in units of 1e9 bytes; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return None
