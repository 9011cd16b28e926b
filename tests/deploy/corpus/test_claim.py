"""One run at a time in a folder; it is free again however the run ends."""

import subprocess
import sys
import time

import pytest

from nnaudio2_deploy.corpus.claim import NAME, claimed
from nnaudio2_deploy.errors import UserError

HOLD = """
import sys, time
from pathlib import Path
from nnaudio2_deploy.corpus.claim import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_claimed_once_and_free_afterwards(tmp_path):
    for _ in range(2):
        with claimed(tmp_path):
            assert (tmp_path / NAME).exists()
        assert list(tmp_path.iterdir()) == []


def test_a_second_process_is_told_who_holds_it_and_may_have_it_once_that_is_dead(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline() == "held\n"
        message = rf"another run is writing to .*\(process {first.pid} on .*\): wait until it ends"
        with pytest.raises(UserError, match=message), claimed(tmp_path):
            pass
        first.kill()
    deadline = time.monotonic() + 30
    while not is_free(tmp_path):
        assert time.monotonic() < deadline, "a killed process still holds the folder"
        time.sleep(0.1)


def is_free(folder):
    try:
        with claimed(folder):
            return True
    except UserError:
        return False


def test_a_full_disk_does_not_keep_a_folder_from_being_claimed(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    with claimed(tmp_path):
        assert (tmp_path / NAME).exists()
    assert list(tmp_path.iterdir()) == []
