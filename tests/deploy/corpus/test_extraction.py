"""nnaudio2 features: files written, skipped and failed, and the agreement of the runners."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import zarr
from matplotlib.image import imread
from PIL import Image
from tests import hosts
from tests.deploy.corpus import runs
from tests.deploy.corpus.runs import noise
from tests.hosts import page_commands

import nnaudio2_core as core
from nnaudio2_core.__about__ import __version__
from nnaudio2_deploy.corpus import interruptions, processes, stores, work
from nnaudio2_deploy.corpus.feature_plot import _real, draw
from nnaudio2_deploy.corpus.plan import Job, plan
from nnaudio2_deploy.transforms import find_transform, parse_value, waveform_transforms

STFT = ["--transform", "stft", "--set", "n_fft=256", "--set", "output_format=Magnitude"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three recordings of two sampling rates, one stereo, one in a folder of its own."""
    folder = tmp_path / "corpus"
    (folder / "sub").mkdir(parents=True)
    soundfile.write(folder / "one.wav", noise(3000), 8000, subtype="FLOAT")
    soundfile.write(folder / "two.wav", noise(4000, 2), 16000, subtype="FLOAT")
    soundfile.write(folder / "sub" / "one.flac", noise(2000), 8000)
    (folder / "notes.txt").write_text("not audio")
    return folder


def run(*arguments: object, **named):
    return runs.run(*arguments, "--mixed-rates", **named)


def files(folder: Path) -> set[str]:
    """The files with features, and their pictures."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return names - {"manifest.jsonl"}


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file but the list of the runs."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.jsonl"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def loaded(path: Path) -> tuple[np.ndarray, dict]:
    with np.load(path) as file:
        return file["features"], json.loads(str(file["description"]))


def assert_drawn(png: bytes) -> None:
    """A picture of the usual size, with more than axes: between them it is not of one colour."""
    image = imread(io.BytesIO(png), format="png")
    assert image.shape == (520, 980, 4)
    height, width = image.shape[:2]
    inside = image[int(0.1 * height) : int(0.7 * height), int(0.25 * width) : int(0.7 * width)]
    assert inside[..., 3].min() == 1  # no background, which is transparent
    deviations = inside[..., :3].std((0, 1))  # of red, green and blue, from 0 to 1
    assert deviations.max() > 0.05  # noise has 0.13 and more


def test_features_are_those_of_the_module_and_say_how_they_were_made(corpus, tmp_path):
    out = tmp_path / "new" / "out"
    result = run(corpus, *STFT, "--out", out)
    assert result.stdout == f"3 computed, 0 there already; in {out}\n"
    assert files(out) == {"one.wav.npz", "two.wav.npz", "sub/one.flac.npz"}
    features, description = loaded(out / "two.wav.npz")
    stft = core.STFT(256, sr=16000, output_format="Magnitude")
    expected = stft(torch.from_numpy(soundfile.read(corpus / "two.wav", dtype="float32")[0]).mean(1))
    np.testing.assert_allclose(features, expected, rtol=0, atol=1e-6 * float(expected.max()))
    assert features.dtype == np.float32
    assert description["config"] == stft.config
    assert description["arguments"] == {"n_fft": 256, "output_format": "Magnitude"}
    assert (description["nnaudio2"], description["transform"]) == (__version__, "STFT")
    assert (description["sr"], description["channels"]) == (16000, 2)
    assert description["source"]["name"] == "two.wav"


def test_a_second_run_skips_what_is_there_and_up_to_date(corpus, tmp_path):
    out = tmp_path / "out"
    run(corpus, *STFT, "--out", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.npz")}
    assert run(corpus, *STFT, "--out", out).stdout.startswith("0 computed, 3 there already")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.npz")} == before

    soundfile.write(corpus / "one.wav", noise(3100), 8000, subtype="FLOAT")
    assert run(corpus, *STFT, "--out", out).stdout.startswith("1 computed, 2 there already")
    truncated = out / "two.wav.npz"
    truncated.write_bytes(truncated.read_bytes()[:500])
    assert run(corpus, *STFT, "--out", out).stdout.startswith("1 computed, 2 there already")
    assert run(corpus, *STFT, "--set", "hop_length=32", "--out", out).stdout.startswith("3 computed")
    assert run(corpus, *STFT, "--set", "hop_length=32", "--out", out, "--plot").stdout.startswith(
        "3 computed"
    )
    (out / "one.wav.png").unlink()
    again = run(corpus, *STFT, "--set", "hop_length=32", "--out", out, "--plot")
    assert again.stdout.startswith("1 computed, 2 there already")
    assert_drawn((out / "one.wav.png").read_bytes())


def modified(path: Path, nanoseconds: int) -> None:
    """Say of a file that it was changed so much later."""
    file = path.stat()
    os.utime(path, ns=(file.st_atime_ns, file.st_mtime_ns + nanoseconds))


def changed_within(path: Path) -> None:
    """Other samples, as many as before, written the moment after."""
    before = path.stat()
    soundfile.write(path, noise(3000)[::-1], 8000, subtype="FLOAT")
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


def longer_at_the_same_time(path: Path) -> None:
    """Another recording in place of a file, by a program that keeps times."""
    before = path.stat()
    soundfile.write(path, noise(3001), 8000, subtype="FLOAT")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("format", ["npz", "zarr"])
@pytest.mark.parametrize("change", [changed_within, longer_at_the_same_time])
def test_a_changed_file_is_computed_again_and_once(change, format, corpus, tmp_path):
    arguments = (corpus, *STFT, "--out", tmp_path / "out", "--format", format)
    run(*arguments)
    change(corpus / "one.wav")
    assert run(*arguments).stdout.startswith("1 computed, 2 there already")
    assert run(*arguments).stdout.startswith("0 computed, 3 there already")


def test_features_of_a_changed_file_are_those_of_its_new_samples(corpus, tmp_path):
    run(corpus, *STFT, "--out", tmp_path / "out")
    old, _ = loaded(tmp_path / "out" / "one.wav.npz")
    changed_within(corpus / "one.wav")
    run(corpus, *STFT, "--out", tmp_path / "out")
    new, description = loaded(tmp_path / "out" / "one.wav.npz")
    file = (corpus / "one.wav").stat()
    assert not np.array_equal(new, old)
    assert description["source"] == {
        "name": "one.wav",
        "bytes": file.st_size,
        "modified_ns": file.st_mtime_ns,
    }


def test_another_version_computes_all_again_and_once(corpus, tmp_path, monkeypatch):
    arguments = (corpus, *STFT, "--out", tmp_path / "out", "--plot")
    run(*arguments)
    monkeypatch.setattr(work, "__version__", f"{__version__}+other")
    assert run(*arguments).stdout.startswith("3 computed, 0 there already")
    assert loaded(tmp_path / "out" / "one.wav.npz")[1]["nnaudio2"] == f"{__version__}+other"
    assert run(*arguments).stdout.startswith("0 computed, 3 there already")


def test_another_transform_with_the_same_arguments_computes_all_again(corpus, tmp_path):
    same = ("--set", "n_fft=256", "--out", tmp_path / "out")
    run(corpus, "--transform", "stft", *same)
    again = run(corpus, "--transform", "gammatonegram", *same)
    assert again.stdout.startswith("3 computed, 0 there already")
    assert loaded(tmp_path / "out" / "one.wav.npz")[1]["transform"] == "Gammatonegram"


def test_a_file_that_changes_while_it_is_read_is_out_of_date(corpus, tmp_path, monkeypatch):
    read = work.read_samples

    def read_and_changed(path, name):
        samples = read(path, name)
        modified(path, 1)
        return samples

    arguments = (corpus / "one.wav", *STFT, "--out", tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(work, "read_samples", read_and_changed)
        run(*arguments)
    assert run(*arguments).stdout.startswith("1 computed, 0 there already")
    assert run(*arguments).stdout.startswith("0 computed, 1 there already")


def test_what_says_of_itself_what_is_expected_may_say_more(corpus, tmp_path):
    job = Job(corpus / "one.wav", tmp_path / "one.wav")
    task = work.Task("STFT", '{"n_fft": 256}', "npz", False)
    expected = task.expected(job)
    store = stores.STORES["npz"]
    store.write(task.features_path(job), {"features": np.zeros((2, 3))}, {**expected, "more": 1})
    assert task.done(job) == {**expected, "more": 1}
    for name in expected:
        less = {key: value for key, value in expected.items() if key != name}
        for entries in (less, {**expected, name: "other"}):
            store.write(task.features_path(job), {"features": np.zeros((2, 3))}, entries)
            assert task.done(job) is None, name


def test_hidden_files_are_no_recordings_and_suffixes_may_be_capitals(corpus, tmp_path):
    (corpus / ".cache").mkdir()
    for name in ("._one.wav", ".two.flac", "sub/.hidden.WAV", ".song.m4a", ".cache/one.wav"):
        (corpus / name).write_text("what some systems keep beside a file")
    (corpus / "one.wav").rename(corpus / "ONE.WAV")
    (corpus / "two.wav").rename(corpus / "Two.Wav")
    (corpus / "SONG.M4A").touch()
    found = plan([corpus], tmp_path / "out")
    assert [job.source for job in found.jobs] == [
        corpus / name for name in ("ONE.WAV", "Two.Wav", "sub/one.flac")
    ]
    assert found.passed_over == {".m4a": 1}
    result = run(corpus, *STFT, "--out", tmp_path / "out")
    assert result.stdout.startswith("3 computed, 0 there already")
    assert files(tmp_path / "out") == {"ONE.WAV.npz", "Two.Wav.npz", "sub/one.flac.npz"}


def test_a_file_that_is_named_is_tried_whatever_its_name(corpus, tmp_path):
    for name in (".hidden.wav", "one"):
        shutil.copy(corpus / "one.wav", corpus / name)
        run(corpus / name, *STFT, "--out", tmp_path / "out")
    assert files(tmp_path / "out") == {".hidden.wav.npz", "one.npz"}


def test_a_picture_of_other_settings_is_drawn_again(corpus, tmp_path):
    out, other = tmp_path / "out", ("--set", "hop_length=32")
    run(corpus, *STFT, "--out", out, "--plot")
    run(corpus, *STFT, *other, "--out", out)
    old = (out / "one.wav.png").read_bytes()
    assert run(corpus, *STFT, *other, "--out", out, "--plot").stdout.startswith("3 computed")
    assert (out / "one.wav.png").read_bytes() != old
    with Image.open(out / "one.wav.png") as picture:
        assert json.loads(picture.info["Description"])["arguments"]["hop_length"] == 32
        picture.verify()
    assert run(corpus, *STFT, *other, "--out", out, "--plot").stdout.startswith("0 computed, 3 there")


def archive(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def one_array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def damaged() -> bytes:
    whole = archive(description=np.array(json.dumps({"transform": "STFT", "numbers": list(range(999))})))
    return whole[:200] + bytes(40) + whole[240:]


@pytest.mark.parametrize("content", [one_array(), archive(description=np.array("[1, 2]")), damaged(), b""])
def test_what_stands_in_the_place_of_features_and_is_none_is_replaced(content, corpus, tmp_path):
    out = tmp_path / "out"
    run(corpus, *STFT, "--out", out)
    (out / "one.wav.npz").write_bytes(content)
    assert run(corpus, *STFT, "--out", out).stdout.startswith("1 computed, 2 there already")


@pytest.mark.parametrize("format", ["npz", "zarr"])
def test_an_interruption_leaves_whole_files_and_the_next_run_goes_on(corpus, tmp_path, monkeypatch, format):
    out = tmp_path / "out"
    arguments = (corpus, *STFT, "--out", out, "--format", format)
    with monkeypatch.context() as patch:
        patch.setattr(work, "json", InterruptsAt(work.json, call=3))
        result = run(*arguments, code=130)
    assert result.stderr.endswith("nnaudio2 features: interrupted\n")
    assert not [path for path in out.rglob("*") if ".part" in path.name]
    done = len({path.name for path in out.rglob(f"*.{format}")})
    assert 0 < done < 3
    assert run(*arguments).stdout.startswith(f"{3 - done} computed, {done} there already")


class InterruptsAt:
    """A module whose ``dumps`` is interrupted at one of its calls: between reading a file and writing."""

    def __init__(self, module, call):
        self.module, self.left = module, call

    def loads(self, text):
        return self.module.loads(text)

    def dumps(self, value):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return self.module.dumps(value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot interrupt one process by a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_an_interruption_ends_all_workers(name, tmp_path):
    (tmp_path / "corpus").mkdir()
    soundfile.write(tmp_path / "corpus" / "0.wav", noise(220500), 22050)
    for number in range(1, 400):
        os.link(tmp_path / "corpus" / "0.wav", tmp_path / "corpus" / f"{number}.wav")
    line = "nnaudio2 features corpus --transform cqt --out out --workers 2"
    command = hosts.arguments(line)
    # Python installs its handler only where SIGINT is not ignored, as it is in a background job of a shell.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, preexec_fn=listening
    ) as process:
        deadline = time.monotonic() + 120
        while not list(tmp_path.glob("out/*.npz")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=60)  # until the last worker has closed its stderr
    killed = (-signal.SIGKILL, "")
    assert (process.returncode, said) == (
        killed if name == "SIGKILL" else (130, "nnaudio2 features: interrupted\n")
    )
    assert not list(tmp_path.glob("out/.*.part"))
    assert 0 < len(list(tmp_path.glob("out/*.npz"))) < 400


@pytest.fixture
def unanswered(request):
    """A signal as programs find it; the tests themselves may run where it is ignored, under nohup say."""
    before = signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, before)


@pytest.mark.parametrize("unanswered", interruptions.TERMINATIONS, indirect=True)
def test_terminations_interrupt_and_are_answered_as_before_afterwards(unanswered):
    with pytest.raises(KeyboardInterrupt), interruptions.terminations_interrupt():
        signal.raise_signal(unanswered)
    assert signal.getsignal(unanswered) is signal.SIG_DFL
    with interruptions.interruptions_ignored():
        signal.raise_signal(unanswered)
    assert signal.getsignal(unanswered) is signal.SIG_DFL


def test_a_disk_that_fills_up_leaves_the_older_features(corpus, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(corpus / "one.wav", *STFT, "--out", out, "--format", "zarr")
    run(corpus / "one.wav", *STFT, "--out", out)
    old = contents(out)

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    for format in ("npz", "zarr"):
        settings = ("--set", "hop_length=32", "--format", format)
        assert "No space left" in run(corpus / "one.wav", *STFT, *settings, "--out", out, code=1).stderr
        assert contents(out) == old


def test_failures_are_listed_and_stop_nothing(corpus, tmp_path):
    (corpus / "text.wav").write_text("not audio at all")
    soundfile.write(corpus / "short.wav", noise(20), 8000)
    soundfile.write(corpus / "nan.wav", np.full(3000, np.nan), 8000, subtype="FLOAT")
    result = run(corpus, *STFT, "--out", tmp_path / "out", code=1)
    assert result.stdout.startswith("3 computed, 0 there already, 3 failed")
    reasons = {Path(line.partition(": ")[0]).name: line for line in result.stderr.splitlines()}
    assert set(reasons) == {"text.wav", "short.wav", "nan.wav"}
    assert "cannot be read as audio" in reasons["text.wav"]
    assert "at least min_samples = 129 samples, got 20" in reasons["short.wav"]
    assert "NaN or infinite" in reasons["nan.wav"]
    assert "Traceback" not in result.stderr


def test_a_recording_too_loud_for_float32_is_a_failure(corpus, tmp_path):
    loud = (1e30 * noise(3000)).astype(np.float32)
    soundfile.write(corpus / "loud.wav", loud, 8000, subtype="FLOAT")
    mel = ("--transform", "MelSpectrogram", "--set", "n_fft=256", "--set", "n_mels=20")
    result = run(corpus, *mel, "--out", tmp_path / "out", code=1)
    assert result.stdout.startswith("3 computed, 0 there already, 1 failed")
    assert "numbers that are NaN or infinite: its loudest sample is" in result.stderr
    assert not any("loud" in name for name in files(tmp_path / "out"))


def test_linked_folders_are_followed_and_circles_are_not(corpus, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(corpus / "one.wav", elsewhere / "three.wav")
    (elsewhere / "song.m4a").touch()
    for link, to in {"linked": elsewhere, "sub/up": corpus, "same": corpus / "sub"}.items():
        (corpus / link).symlink_to(to, target_is_directory=True)
    (corpus / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    result = run(corpus, *STFT, "--out", tmp_path / "out", code=1)
    recordings = {"one.wav", "two.wav", "sub/one.flac", "linked/three.wav", "same/one.flac"}
    assert files(tmp_path / "out") == {f"{name}.npz" for name in recordings}
    failed, passed_over = result.stderr.splitlines()
    assert failed.startswith(f"{corpus / 'gone.wav'}: ")
    assert passed_over.startswith("passed over: 1 .m4a; convert them")


def test_a_folder_that_cannot_be_read_is_a_failure(corpus, tmp_path, monkeypatch):
    scan = os.scandir

    def denied(folder):
        if Path(folder).name == "sub":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", denied)
        result = run(corpus, *STFT, "--out", tmp_path / "out", code=1)
    assert result.stdout.startswith("2 computed, 0 there already, 1 failed")
    assert f"{corpus / 'sub'}: the folder cannot be read (Permission denied)" in result.stderr


def test_a_recording_that_is_cut_short_fails(tmp_path):
    whole = tmp_path / "whole.mp3"
    soundfile.write(whole, noise(80000), 8000)
    (tmp_path / "cut.mp3").write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    # without the frame that announces the length, libsndfile guesses 1.4 times of it from the silence
    silence_first = np.concatenate([np.zeros((220500, 1)), noise(220500)])
    soundfile.write(tmp_path / "unannounced.mp3", silence_first, 44100, bitrate_mode="VARIABLE")
    content = (tmp_path / "unannounced.mp3").read_bytes()
    second = content.index(content[:2], 100)
    (tmp_path / "unannounced.mp3").write_bytes(b"ID3\4\0\0\0\0\2\0" + bytes(256) + content[second:])
    assert soundfile.info(tmp_path / "unannounced.mp3").frames > 1.1 * len(silence_first)
    result = run(tmp_path, *STFT, "--out", tmp_path / "out", code=1)
    assert files(tmp_path / "out") == {"whole.mp3.npz", "unannounced.mp3.npz"}
    assert "cut.mp3 is cut short: " in result.stderr


def test_a_failure_that_nobody_foresaw_stops_nothing_either(corpus, tmp_path, monkeypatch):
    read = work.read_samples

    def strange(path, name):
        if name == "two.wav":
            raise KeyError("loop")
        return read(path, name)

    monkeypatch.setattr(work, "read_samples", strange)
    result = run(corpus, *STFT, "--out", tmp_path / "out", code=1)
    assert result.stdout.startswith("2 computed, 0 there already, 1 failed")
    assert result.stderr == f"{corpus / 'two.wav'}: KeyError: 'loop'\n"


@pytest.mark.parametrize("kind", [OSError, MemoryError, ValueError])
def test_an_error_without_a_message_is_a_failure(kind, corpus, tmp_path, monkeypatch):
    def failing(path, name):
        raise kind

    monkeypatch.setattr(work, "read_samples", failing)
    outcome = work.process(
        work.Task("STFT", "{}", "npz", False), Job(corpus / "one.wav", tmp_path / "one.wav")
    )
    assert (outcome.error, outcome.full_disk) == (kind.__name__, False)


def test_a_rate_that_is_asked_for_is_asked_of_every_file(corpus, tmp_path):
    result = run(corpus, *STFT, "--set", "sr=8000", "--out", tmp_path / "out", code=1)
    assert (
        "the file is sampled at 16000 Hz, sr is 8000: resample it with --sr 8000, or leave sr out"
        in result.stderr
    )
    assert result.stdout.startswith("2 computed, 0 there already, 1 failed")


@pytest.mark.parametrize("odd", ["0.wav", "x.wav"])
def test_a_rate_that_the_arguments_do_not_fit_fails_its_file_alone(odd, corpus, tmp_path):
    soundfile.write(corpus / odd, noise(3000), 4000)
    mel = ("--transform", "melspectrogram", "--set", "n_fft=256", "--set", "n_mels=20", "--set", "fmax=4000")
    result = run(corpus, *mel, "--out", tmp_path / "out", code=1)
    assert result.stdout.startswith("3 computed, 0 there already, 1 failed")
    assert result.stderr.startswith(f"{corpus / odd}: MelSpectrogram at 4000 Hz: fmax must be")


def test_two_workers_and_ray_give_the_same_bits(tmp_path):
    corpus = tmp_path / "corpus"
    (corpus / "a").mkdir(parents=True)
    for name, samples in {"a/b.wav": 9000, "a/c.flac": 8000, "d.wav": 12000}.items():
        soundfile.write(corpus / name, noise(samples), 8000)
    (corpus / "again.wav").symlink_to(corpus / "d.wav")
    (corpus / "text.wav").write_text("not audio at all")
    embedded, describe, ray = page_commands("A corpus")
    assert hosts.run(embedded, tmp_path, code=1) == "4 computed, 0 there already, 1 failed; in features\n"
    assert json.loads(hosts.run(describe, tmp_path))["arguments"] == {"n_bins": 60}
    assert hosts.run(ray, tmp_path, code=1) == "4 computed, 0 there already, 1 failed; in on-ray\n"
    cqt = ("--transform", "cqt", "--set", "n_bins=60")
    run(corpus, *cqt, "--out", tmp_path / "alone", code=1)

    names = files(tmp_path / "alone")
    assert files(tmp_path / "features") == names | {name.replace(".npz", ".png") for name in names}
    assert files(tmp_path / "on-ray") == names
    for name in names:
        expected, how = loaded(tmp_path / "alone" / name)
        for other in ("features", "on-ray"):
            features, description = loaded(tmp_path / other / name)
            assert np.array_equal(features, expected)
            assert description == how


class Fatal(type(Path())):
    """A file that ends the process it is sent to; with ``once``, only the first."""

    once: Path | None = None

    def __reduce__(self):
        return die_or_open, (str(self), self.once)


def die_or_open(name, once):
    if once is None or not once.exists():
        if once is not None:
            once.touch()
        os._exit(1)
    return Path(name)


def test_a_worker_that_dies_takes_nothing_along_and_its_file_has_a_second_try(corpus, tmp_path):
    task = work.Task("STFT", '{"n_fft": 256}', "npz", False)
    fatal, once = Fatal(corpus / "one.wav"), Fatal(corpus / "two.wav")
    once.once = tmp_path / "died"
    sources = [fatal, once, *(corpus / "sub" / "one.flac" for _ in range(4))]
    jobs = [Job(source, tmp_path / str(number)) for number, source in enumerate(sources)]
    outcomes = list(processes.embedded(task, jobs, 2))
    assert len(outcomes) == len(jobs)
    assert [(each.source, each.error) for each in outcomes if each.error] == [(str(fatal), processes.DIED)]
    assert files(tmp_path) >= {f"{number}.npz" for number in range(1, len(jobs))}


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity")
def test_there_is_a_worker_for_each_processor_of_this_process_not_of_the_machine():
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert processes.processors() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_zarr(corpus, tmp_path):
    out = tmp_path / "out"
    run(corpus, *STFT, "--out", out)
    run(corpus, *STFT, "--out", out, "--format", "zarr")
    features, description = loaded(out / "two.wav.npz")
    group = zarr.open_group(str(out / "two.wav.zarr"), mode="r")
    assert np.array_equal(group["features"][...], features)
    with np.load(out / "two.wav.npz") as file:
        for name in ("times", "frequencies"):
            assert np.array_equal(group[name][...], file[name])
    assert dict(group.attrs) == {**description, "format": "zarr"}
    assert run(corpus, *STFT, "--out", out, "--format", "zarr").stdout.startswith("0 computed, 3 there")
    (out / "two.wav.zarr" / "zarr.json").write_text("{")
    assert run(corpus, *STFT, "--out", out, "--format", "zarr").stdout.startswith("1 computed, 2 there")


def interrupted(place, whole):
    """A function that is interrupted before the new folder has its place, or half through deleting."""

    def call(path, *arguments, **named):
        if place == "replace" and Path(path).name != "new":
            return whole(path, *arguments, **named)
        if place == "rmtree":
            whole(min(Path(path).iterdir()))
        raise KeyboardInterrupt

    return call


@pytest.mark.parametrize(("module", "place"), [(os, "replace"), (shutil, "rmtree")])
def test_a_zarr_is_old_or_new_wherever_its_writing_is_interrupted(
    module, place, corpus, tmp_path, monkeypatch
):
    arguments = (corpus / "two.wav", *STFT, "--out", tmp_path / "out", "--format", "zarr")
    run(*arguments, "--set", "hop_length=32")
    with monkeypatch.context() as patch:
        patch.setattr(module, place, interrupted(place, getattr(module, place)))
        run(*arguments, code=130)
    run(*arguments)
    array = zarr.open_array(str(tmp_path / "out" / "two.wav.zarr" / "features"), mode="r")
    run(*arguments[:-2])
    assert np.array_equal(array[...], loaded(tmp_path / "out" / "two.wav.npz")[0])


def test_what_a_killed_run_left_is_deleted_and_what_another_writes_is_not(corpus, tmp_path):
    out = tmp_path / "out"
    left, left_folder, live = (out / f".nnaudio2-{number}.part" for number in range(3))
    (left_folder / "new").mkdir(parents=True)
    for path in (left, live):
        path.touch()
    for path in (left, left_folder):
        os.utime(path, (0, 0))
    run(corpus / "one.wav", *STFT, "--out", out)
    assert {path.name for path in out.iterdir()} == {live.name, "one.wav.npz", "manifest.jsonl"}


def test_a_name_may_be_as_long_as_the_system_allows(corpus, tmp_path):
    name = "x" * (255 - len(".wav.zarr")) + ".wav"
    shutil.copy(corpus / "one.wav", corpus / name)
    for format in ("npz", "zarr"):
        run(corpus / name, *STFT, "--out", tmp_path / "out", "--format", format)


def test_a_long_result_has_chunks_along_its_frames(tmp_path):
    features = np.random.default_rng(0).random((50, 9000, 2), dtype=np.float32)
    stores.STORES["zarr"].write(
        tmp_path / "long.zarr", {"features": features}, {"axes": ["row", "frame", "part"]}
    )
    array = zarr.open_array(str(tmp_path / "long.zarr" / "features"), mode="r")
    assert array.chunks == (50, 2621, 2)
    assert np.array_equal(array[...], features)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--transform", "cqtt"], "--transform cqtt is not known: did you mean CQT?"),
        (["--transform", "melspec"], "did you mean MelSpectrogram?"),
        (["--transform", "xyz"], "choose one of CFP, Chroma, ChromaCQT, CQT, "),
        (["--transform", "cqt", "--set", "nbins=3"], "CQT has no argument nbins: did you mean n_bins?"),
        (["--transform", "cqt", "--set", "n_bins"], "write it as name=value"),
        (["--transform", "cqt", "--set", "n_bins=0"], "CQT at 8000 Hz: n_bins must be >= 1, got 0"),
        (["--transform", "cqt", "--set", "n_bins=two"], "n_bins must be an integer, got 'two'"),
        (["--transform", "cqt", "--set", "center=no"], "center must be true or false, got no"),
        (["--transform", "cqt", "--set", "window={1}"], "window must be a number, a text, true, false, none"),
        (["--transform", "cqt", "--set", "window=('kaiser', 8j)"], "a tuple of these, got ('kaiser', 8j)"),
        (["--transform", "stft", "--set", "n_fft=1j"], "n_fft must be a number, a text"),
        (["--transform", "cqt", "--set", "n_bins=3", "--set", "n_bins=4"], "n_bins is given twice"),
    ],
)
def test_a_wrong_transform_or_argument_is_told_before_anything_is_written(
    corpus, tmp_path, arguments, message
):
    result = run(corpus, *arguments, "--out", tmp_path / "out", code=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_wrong_places_are_told_before_anything_is_written(corpus, tmp_path):
    out = tmp_path / "out"
    missing = run(tmp_path / "nowhere", *STFT, "--out", out, code=2)
    assert "nowhere does not exist" in missing.stderr
    (tmp_path / "empty").mkdir()
    assert "there is no audio in" in run(tmp_path / "empty", *STFT, "--out", out, code=2).stderr
    shutil.copy(corpus / "one.wav", tmp_path / "one.wav")
    twice = run(corpus, tmp_path / "one.wav", *STFT, "--out", out, code=2)
    assert f"{corpus}/one.wav and {tmp_path}/one.wav would both be written" in twice.stderr
    assert not out.exists()
    out.write_text("a file")
    assert "cannot write to --out" in run(corpus, *STFT, "--out", out, code=2).stderr


@pytest.mark.parametrize(
    ("library", "option"), [("zarr", ["--format", "zarr"]), ("ray", ["--engine", "ray"])]
)
def test_a_missing_extra_is_named(corpus, tmp_path, monkeypatch, library, option):
    monkeypatch.setitem(sys.modules, library, None)
    result = run(corpus, *STFT, *option, "--out", tmp_path / "out", code=2)
    assert f"needs {library}: pip install 'nnaudio2-deploy[{library}]'" in result.stderr
    assert not (tmp_path / "out").exists()


def test_values_are_read_as_python_would_and_a_little_more():
    texts = ["96", "1e-3", "true", "False", "none", "hann", "('kaiser', 8.0)", "'hann'"]
    assert [parse_value(text) for text in texts] == [
        96,
        1e-3,
        True,
        False,
        None,
        "hann",
        ("kaiser", 8.0),
        "hann",
    ]


def test_every_transform_of_waveforms_is_offered():
    others = {
        "AmplitudeToDB",
        "CombinedFrequencyPeriodicity",
        "Deltas",
        "GriffinLim",
        "GriffinLimCQT",
        "iCQT",
        "iVQT",
        "Inverse",
        "InverseMel",
        "iSTFT",
        "NSGT",
        "PCEN",
        "Transform",
    }
    public = {name for name, value in vars(core).items() if isinstance(value, type)} - {"Stream"}
    assert set(waveform_transforms()) == public - others
    assert find_transform("melspectrogram", waveform_transforms()) is core.MelSpectrogram


SMALL = {
    "CFP": {"fr": 16, "hop_length": 100, "window_size": 129},
    "MFCC": {"n_mels": 20, "n_mfcc": 5},
    "Fbank": {"n_bands": 20},
    "ChromaCQT": {"fmin": 110.0, "n_octaves": 3, "hop_length": 128},
    "StackedCQT": {"bins_per_octave": 12, "cqt_bins": 48},
}
OCTAVES = {"fmin": 110.0, "n_bins": 36, "hop_length": 128}
BANDS = {"n_fft": 256, "hop_length": 64}


@pytest.mark.parametrize("name", waveform_transforms())
def test_every_transform_can_be_built_from_text_and_drawn(name):
    arguments = (
        SMALL.get(name, {})
        | (OCTAVES if "Q" in name and name != "ChromaCQT" else {})
        | ({} if "Q" in name or name in ("CFP", "Fbank") else BANDS)
    )
    module = work.build(name, json.dumps(arguments), 8000)
    assert_drawn(draw(module, 8000, module(0.1 * torch.randn(8000))))


@pytest.mark.parametrize(
    "name", ["kaldi-fbank", "sensevoice", "vggish", "pesto", "basic-pitch", "musicgen-melody"]
)
def test_front_ends_are_drawn_with_time_to_the_right(name):
    module = core.front_end(name)
    seconds = 2
    result = module(0.1 * torch.randn(seconds * int(module.sr)))
    assert_drawn(draw(module, int(module.sr), result))
    frames = _real(module, result.double().numpy()).shape[1]
    assert frames == len(result)


@pytest.mark.parametrize("format", ["Complex", "Phase"])
def test_pairs_are_drawn(format):
    module = core.CQT(8000, **OCTAVES, output_format=format)
    assert_drawn(draw(module, 8000, module(0.1 * torch.randn(8000))))


def test_windows_with_parameters(corpus, tmp_path):
    run(corpus / "one.wav", *STFT, "--set", "window=('kaiser', 8.0)", "--out", tmp_path)
    features, description = loaded(tmp_path / "one.wav.npz")
    stft = core.STFT(256, sr=8000, output_format="Magnitude", window=("kaiser", 8.0))
    np.testing.assert_allclose(features, stft(torch.from_numpy(noise(3000)[:, 0])), rtol=0, atol=1e-5)
    assert description["config"]["window"] == ["kaiser", 8.0]


def test_the_shell_completes_transforms():
    words = {
        "_NNAUDIO2_COMPLETE": "complete_bash",
        "COMP_WORDS": "nnaudio2 features --transform C",
        "COMP_CWORD": "3",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("nnaudio2")],
        env={**os.environ, **words},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == [
        "CFP",
        "Chroma",
        "ChromaCQT",
        "CQT",
        "CQT1992",
        "CQT1992v2",
        "CQT2010",
        "CQT2010v2",
    ]
