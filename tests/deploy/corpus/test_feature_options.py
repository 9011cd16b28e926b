"""Options of nnaudio2 features: rates, channels, segments, scales, statistics, labels, lists, the
manifest."""

import hashlib
import io
import json
import shlex
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from tests import tolerances
from tests.deploy.corpus.runs import noise, run
from tests.hosts import page_commands
from tests.oracles.spectrogram_features import decibels

import nnaudio2_core as core
from nnaudio2_deploy.corpus import work
from nnaudio2_deploy.corpus.listed import listed

MEL = ["--transform", "mel", "--set", "n_fft=256", "--set", "hop_length=64", "--set", "n_mels=20"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Three recordings of 8 kHz in two folders, one stereo."""
    folder = tmp_path / "corpus"
    for name, samples, channels in (("a/one.wav", 3000, 1), ("a/two.wav", 4000, 2), ("b/three.wav", 2000, 1)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, noise(samples, channels), 8000, subtype="FLOAT")
    return folder


def loaded(path: Path) -> dict:
    with np.load(path) as file:
        found = {name: file[name] for name in file.files}
    return {**found, "description": json.loads(str(found["description"]))}


def lines(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def mel(samples: np.ndarray, sr: int = 8000) -> torch.Tensor:
    """Features of ``(channels, time)``."""
    return core.MelSpectrogram(sr, 256, hop_length=64, n_mels=20)(torch.from_numpy(samples))


def test_what_lies_beside_the_features(corpus, tmp_path):
    out = tmp_path / "out"
    run(corpus, *MEL, "--out", out, "--labels")
    found = loaded(out / "a" / "two.wav.npz")
    module = core.MelSpectrogram(8000, 256, hop_length=64, n_mels=20)
    np.testing.assert_array_equal(found["times"], np.arange(63) * 64 / 8000)
    np.testing.assert_array_equal(found["frequencies"], module.frequencies)
    said = found["description"]
    content = (corpus / "a" / "two.wav").read_bytes()
    expected = {
        "path": "a/two.wav",
        "label": "a",
        "sr": 8000,
        "file_sr": 8000,
        "channels": 2,
        "duration": 0.5,
        "shape": [20, 63],
        "axes": ["row", "frame"],
        "dtype": "float32",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert {name: said[name] for name in expected} == expected
    (line,) = [line for line in lines(out) if line["path"] == "a/two.wav"]
    assert expected.items() <= line.items()
    assert (line["file"], line["error"]) == ("a/two.wav.npz", None)


def test_the_manifest_lists_failures_and_survives_a_second_run(corpus, tmp_path):
    out = tmp_path / "out"
    (corpus / "b" / "zero.wav").write_text("not audio")
    for computed in (3, 0):
        result = run(corpus, *MEL, "--out", out, code=1)
        assert result.stdout.startswith(f"{computed} computed, {3 - computed} there already, 1 failed")
        assert [line["path"] for line in lines(out)] == [
            "a/one.wav",
            "a/two.wav",
            "b/three.wav",
            "b/zero.wav",
        ]
        *good, bad = lines(out)
        assert all((out / line["file"]).is_file() for line in good)
        assert (bad["file"], "cannot be read as audio" in bad["error"]) == (None, True)


def test_mixed_rates_stop_before_any_work(corpus, tmp_path):
    out = tmp_path / "out"
    soundfile.write(corpus / "b" / "other.wav", noise(4000), 16000)
    said = run(corpus, *MEL, "--out", out, code=2).stderr
    assert "the files have 2 sampling rates: 8000 Hz (" in said
    assert f"16000 Hz ({corpus / 'b' / 'other.wav'}): give --sr to resample them, or --mixed-rates" in said
    assert not out.exists()
    run(corpus, *MEL, "--out", out, "--mixed-rates")
    assert {line["sr"] for line in lines(out)} == {8000, 16000}
    resampled = tmp_path / "resampled"
    run(corpus, *MEL, "--out", resampled, "--sr", 16000)
    assert {(line["sr"], line["file_sr"]) for line in lines(resampled)} == {(16000, 8000), (16000, 16000)}
    same = loaded(resampled / "b" / "other.wav.npz")["features"]
    np.testing.assert_array_equal(same, loaded(out / "b" / "other.wav.npz")["features"])
    one = loaded(resampled / "a" / "one.wav.npz")
    assert one["features"].shape == (20, 1 + 6000 // 64)
    assert one["description"]["duration"] == 0.375


def test_channels_and_segments_are_axes(corpus, tmp_path):
    out, two = tmp_path / "out", corpus / "a" / "two.wav"
    samples = noise(4000, 2).T
    run(two, *MEL, "--out", out, "--keep-channels")
    found = loaded(out / "two.wav.npz")
    np.testing.assert_allclose(found["features"], mel(samples), rtol=1e-5)
    assert found["description"]["axes"] == ["channel", "row", "frame"]
    run(two, *MEL, "--out", out, "--channel", 1)
    np.testing.assert_allclose(loaded(out / "two.wav.npz")["features"], mel(samples[1]), rtol=1e-5)
    run(two, *MEL, "--out", out, "--segment", 0.2, "--segment-hop", 0.15, "--mono")
    found = loaded(out / "two.wav.npz")
    assert found["starts"].tolist() == [0, 0.15, 0.3]
    assert found["description"]["starts"] == [0, 0.15, 0.3]
    for segment, start in enumerate((0, 1200, 2400)):
        expected = mel(samples.mean(0)[start : start + 1600])
        np.testing.assert_allclose(found["features"][segment], expected, rtol=1e-4)
    assert found["description"]["axes"] == ["segment", "row", "frame"]
    assert run(corpus / "a" / "one.wav", *MEL, "--out", out, "--channel", 1, code=1).stderr.endswith(
        "one.wav has 1 channels, --channel 1 (from 0) is none of them\n"
    )


def test_decibels_in_half_precision(corpus, tmp_path):
    out = tmp_path / "out"
    run(corpus / "a" / "one.wav", *MEL, "--out", out, "--db", "--top-db", 30, "--dtype", "float16")
    found = loaded(out / "one.wav.npz")["features"]
    expected = decibels(mel(noise(3000)[:, 0]).numpy(), 2.0, 1.0, 1e-10, 30.0)
    assert found.dtype == np.float16
    # Rounded to 11 bits: decibels of up to 32 to steps of 0.016.
    np.testing.assert_allclose(
        found, expected, rtol=tolerances.ROUND_FLOAT16, atol=tolerances.DECIBELS_FLOAT32
    )


def test_features_have_mean_0_and_deviation_1_over_the_corpus(corpus, tmp_path):
    out = tmp_path / "out"
    said = run(corpus, *MEL, "--out", out, "--log", "--normalize", "corpus")
    assert said.stdout.startswith("3 computed, 0 there already; ")
    names = ("a/one.wav", "a/two.wav", "b/three.wav")
    together = np.concatenate([loaded(out / f"{name}.npz")["features"] for name in names], 1)
    np.testing.assert_allclose(together.mean(1), 0, rtol=0, atol=1e-6)
    np.testing.assert_allclose(together.std(1), 1, rtol=1e-5)
    plain = tmp_path / "plain"
    run(corpus, *MEL, "--out", plain, "--log")
    with np.load(out / "statistics.npz") as statistics:
        values = loaded(plain / "a" / "one.wav.npz")["features"]
        expected = (values - statistics["mean"][:, None]) / statistics["deviation"][:, None]
        assert int(statistics["frames"]) == together.shape[1]
    np.testing.assert_allclose(loaded(out / "a" / "one.wav.npz")["features"], expected, rtol=0, atol=1e-5)

    assert run(corpus, *MEL, "--out", out, "--log", "--normalize", "corpus").stdout.startswith(
        "0 computed, 3"
    )
    test = tmp_path / "test"
    (tmp_path / "new").mkdir()
    soundfile.write(tmp_path / "new" / "four.wav", noise(3000), 8000, subtype="FLOAT")
    run(tmp_path / "new", *MEL, "--out", test, "--log", "--normalize", out / "statistics.npz")
    np.testing.assert_allclose(loaded(test / "four.wav.npz")["features"], expected, rtol=0, atol=1e-5)
    assert (test / "statistics.npz").is_file()
    (tmp_path / "new" / "four.wav").rename(corpus / "b" / "four.wav")
    again = run(corpus, *MEL, "--out", out, "--log", "--normalize", "corpus")
    assert again.stdout.startswith("4 computed, 0 there already")


def test_statistics_leave_out_what_fails(corpus, tmp_path):
    (corpus / "b" / "zero.wav").write_text("not audio")
    said = run(corpus, *MEL, "--out", tmp_path / "out", "--normalize", "corpus", code=1)
    assert said.stdout.startswith("3 computed, 0 there already, 1 failed")
    assert said.stderr.count(": zero.wav cannot be read as audio") == 1
    again = run(corpus, *MEL, "--out", tmp_path / "out", "--normalize", "corpus", code=1)
    assert again.stdout.startswith("0 computed, 3 there already, 1 failed")


def test_absolute_paths_of_a_list_keep_their_folders(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(corpus)
    text = f"{corpus / 'a' / 'one.wav'}\n{corpus / 'b' / '..' / 'b' / 'three.wav'}\n"
    Path("list.txt").write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    for name in ("list.txt", "-"):
        assert [path.as_posix() for _, path in listed(Path(name))] == ["a/one.wav", "b/three.wav"]


def test_compression_is_part_of_what_is_there(corpus, tmp_path):
    out = tmp_path / "out"
    for format in ("npz", "npz-compressed", "npz"):
        said = run(corpus, *MEL, "--out", out, "--format", format).stdout
        assert said.startswith("3 computed, 0 there already")
        assert run(corpus, *MEL, "--out", out, "--format", format).stdout.startswith("0 computed, 3 there")
    assert "format" not in lines(out)[0]


def test_formats_share_a_picture(corpus, tmp_path):
    out = [*MEL, "--plot", "--out", tmp_path / "out", "--format"]
    for format, computed in (("npz", 3), ("zarr", 3), ("npz", 0)):
        assert run(corpus, *out, format).stdout.startswith(f"{computed} computed")


def test_one_rate_that_suits_is_enough_where_several_may_be(corpus, tmp_path, monkeypatch):
    read = []

    def info(stream):
        read.append(stream.name)
        return soundfile_info(stream)

    soundfile_info = soundfile.info
    monkeypatch.setattr("soundfile.info", info)
    run(corpus, *MEL, "--mixed-rates", "--out", tmp_path / "out")
    assert len(read) == 1


def test_a_list_names_the_files(corpus, tmp_path):
    elsewhere = tmp_path / "elsewhere.wav"
    soundfile.write(elsewhere, noise(2000), 8000)
    (corpus / "list.txt").write_text(f"# some\na/two.wav\n\n{elsewhere}\nb/three.wav\n")
    run(*MEL, "--list", corpus / "list.txt", "--out", tmp_path / "out")
    assert [line["path"] for line in lines(tmp_path / "out")] == ["a/two.wav", "elsewhere.wav", "b/three.wav"]
    run(*MEL, "--list", "-", "--out", tmp_path / "in", given=f"{elsewhere}\n")
    assert [line["file"] for line in lines(tmp_path / "in")] == ["elsewhere.wav.npz"]
    (corpus / "empty.txt").write_text("\n")
    assert "names no recording" in run(*MEL, "--list", corpus / "empty.txt", "--out", tmp_path, code=2).stderr
    assert "cannot be read" in run(*MEL, "--list", corpus / "no.txt", "--out", tmp_path, code=2).stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mono", "--keep-channels"], "--mono, --channel and --keep-channels exclude each other"),
        (["--log", "--db"], "--log and --db exclude each other"),
        (["--top-db", "60"], "--top-db limits the range of --db"),
        (["--segment-hop", "1"], "give --segment as well"),
        (["--segment", "0"], "--segment must be > 0 s, got 0"),
        (["--segment", "0.01"], "--segment 0.01 has 80 samples at 8000 Hz, and MelSpectrogram needs 129"),
        (["--normalize", "nowhere.npz"], "nowhere.npz cannot be read"),
        (
            ["--format", "parquet", "--plot"],
            "--plot draws a picture beside each file: not with --format parquet",
        ),
        (["--set", "sr=16000"], "the file is sampled at 8000 Hz, sr is 16000: resample it with --sr 16000"),
    ],
)
def test_options_that_cannot_be_are_told_before_anything_is_written(options, message, corpus, tmp_path):
    said = run(corpus, *MEL, *options, "--out", tmp_path / "out", code=2).stderr
    assert message in " ".join(said.split())
    assert not (tmp_path / "out").exists()


def test_logarithms_of_negative_values_are_told_before_anything_is_written(corpus, tmp_path):
    arguments = ("--transform", "mfcc", "--set", "n_mels=20", "--set", "n_mfcc=5", "--out", tmp_path / "out")
    said = run(corpus, *arguments, "--db", code=2).stderr
    assert "--db needs values >= 0, and MFCC with these arguments has negative ones" in said
    assert not (tmp_path / "out").exists()


def test_a_file_in_no_folder_has_no_label(corpus, tmp_path):
    said = run(corpus / "a" / "one.wav", *MEL, "--labels", "--out", tmp_path / "out", code=2).stderr
    assert "one.wav has no label: --labels takes that of the first folder" in said


def test_statistics_of_another_transform_are_told_before_anything_is_written(corpus, tmp_path):
    run(corpus, *MEL, "--out", tmp_path / "mel", "--normalize", "corpus")
    other = ("--transform", "stft", "--set", "output_format=Magnitude", "--set", "n_fft=256")
    statistics = ("--normalize", tmp_path / "mel" / "statistics.npz")
    said = run(corpus, *other, *statistics, "--out", tmp_path / "out", code=2).stderr
    assert "the statistics are of features with rows (20,), these have (129,)" in said


def test_a_full_disk_stops_the_run_after_the_first_file_that_met_it(corpus, tmp_path, monkeypatch):
    tried = []

    def full(path, *arguments):
        tried.append(path)
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(work.STORES, "npz", work.Store(".npz", full, lambda path: None, full, lambda: None))
    result = run(corpus, *MEL, "--out", tmp_path / "out", code=1)
    assert len(tried) == 1
    failed, stopped = result.stderr.splitlines()
    assert failed == f"{corpus / 'a' / 'one.wav'}: [Errno 28] No space left on device"
    assert stopped.startswith("the disk is full: stopped with 2 files not tried; make room")
    assert result.stdout.startswith("0 computed, 0 there already, 1 failed")


def test_a_front_end_of_another_rate_is_made_to_fit(corpus, tmp_path):
    one = corpus / "a" / "one.wav"
    said = run(one, "--front-end", "whisper", "--out", tmp_path / "out", code=2).stderr
    assert "resample it with --sr 16000" in said
    run(one, "--front-end", "whisper", "--sr", 16000, "--out", tmp_path / "out")
    assert lines(tmp_path / "out")[0]["shape"] == [80, 3000]


@pytest.mark.parametrize(
    ("settings", "axes", "shape"),
    [
        ((), ["harmonic", "row", "frame"], [6, 24, 24]),
        (("frames_last=false",), ["frame", "harmonic", "row"], [24, 6, 24]),
        (("output_format=Complex",), ["harmonic", "row", "frame", "part"], [6, 24, 24, 2]),
    ],
)
def test_harmonics_have_an_axis_and_statistics_of_their_own(settings, axes, shape, corpus, tmp_path):
    chosen = ["fmin=100", "n_bins=24", "hop_length=128", *settings]
    options = [word for setting in chosen for word in ("--set", setting)]
    hcqt = ("--transform", "hcqt", *options, "--normalize", "corpus", "--plot")
    run(corpus / "a" / "one.wav", *hcqt, "--out", tmp_path / "out")
    (line,) = lines(tmp_path / "out")
    assert (line["axes"], line["shape"]) == (axes, shape)
    features = loaded(tmp_path / "out" / "one.wav.npz")["features"]
    np.testing.assert_allclose(features.mean(axes.index("frame")), 0, rtol=0, atol=1e-5)


def test_harmonics_of_basic_pitch_are_the_last_axis(tmp_path):
    soundfile.write(tmp_path / "notes.wav", 0.1 * np.random.default_rng(0).standard_normal(43844), 22050)
    options = ("--front-end", "basic-pitch", "--plot", "--out", tmp_path / "out")
    run(tmp_path / "notes.wav", *options)
    (line,) = lines(tmp_path / "out")
    assert line["axes"] == ["frame", "row", "harmonic"]
    assert line["shape"] == [172, 264, 8]
    frequencies = loaded(tmp_path / "out" / "notes.wav.npz")["frequencies"]
    np.testing.assert_allclose(frequencies, 27.5 * 2 ** (np.arange(264) / 36), rtol=1e-12)
    assert (tmp_path / "out" / "notes.wav.png").stat().st_size > 1000


def test_commands_of_the_page(corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in page_commands("In short"):
        run(*shlex.split(line)[2:])
    assert {line["label"] for line in lines(Path("features"))} == {"a", "b"}
    assert [path.name for path in Path("shards").glob("*.parquet")] == ["features-000000.parquet"]
