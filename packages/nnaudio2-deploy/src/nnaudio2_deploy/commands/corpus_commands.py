"""The command ``nnaudio2 features``: options and help."""

from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import typer

from ..errors import UserError
from ..extras import extra
from .artifact_commands import FrontEndName, Settings

StoreName = Literal["npz", "npz-compressed", "zarr", "parquet", "webdataset"]
RunnerName = Literal["embedded", "ray"]
DTypeName = Literal["float32", "float16"]

TRANSFORMS = (
    "CFP, Chroma, ChromaCQT, CQT, CQT1992, CQT1992v2, CQT2010, CQT2010v2, Fbank, FrontEnd, Gammatonegram, "
    "HCQT, LFCC, MelSpectrogram (or mel), MFCC, StackedCQT, STFT, VQT"
)
"""Names that ``--transform`` takes. They are listed here because the help must not wait for torch."""

READING, STORING, RUNNING = "How recordings are read", "What is stored", "How it runs"


def _transform_names(incomplete: str) -> list[str]:
    """Completions that the shell offers after ``--transform``."""
    from ..transforms import waveform_transforms

    return [name for name in waveform_transforms() if name.lower().startswith(incomplete.lower())]


def _option(help: str, *names: str, panel: str = "Options", **settings: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, **settings)


def features(
    audio: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="AUDIO_OR_FOLDER", help="Files, and folders to look for some."),
    ] = None,
    out: Annotated[Path, _option("The folder of the results.")] = ...,  # type: ignore[assignment]
    transform: Annotated[
        Optional[str], _option(f"Which transform: {TRANSFORMS}.", autocompletion=_transform_names)
    ] = None,
    front_end: FrontEndName = None,
    settings: Settings = None,
    list_file: Annotated[
        Optional[Path], _option("A text file with a path on each line; - is standard input.", "--list")
    ] = None,
    sr: Annotated[Optional[int], _option("Resample to this rate, Hz (soxr).", panel=READING, min=1)] = None,
    mixed_rates: Annotated[
        bool, _option("Allow several rates, each file at its own.", "--mixed-rates", panel=READING)
    ] = False,
    mono: Annotated[
        bool, _option("The mean of the channels (the default).", "--mono", panel=READING)
    ] = False,
    channel: Annotated[Optional[int], _option("One channel; 0 is the first.", panel=READING, min=0)] = None,
    keep_channels: Annotated[
        bool, _option("Every channel, on an axis of its own.", "--keep-channels", panel=READING)
    ] = False,
    segment: Annotated[Optional[float], _option("Cut into clips of so many seconds.", panel=READING)] = None,
    segment_hop: Annotated[
        Optional[float], _option("Seconds between the starts of clips; --segment if left out.", panel=READING)
    ] = None,
    log: Annotated[bool, _option("Natural logarithm, of at least -100 dB.", "--log", panel=STORING)] = False,
    db: Annotated[bool, _option("Decibels, at least -100 dB.", "--db", panel=STORING)] = False,
    top_db: Annotated[
        Optional[float],
        _option("Range of the decibels of a clip; 80 if left out, 0 for no limit.", panel=STORING, min=0),
    ] = None,
    normalize: Annotated[
        Optional[str],
        _option(
            "Mean 0 and deviation 1 of each row: over the 'corpus', or by the statistics.npz of another run.",
            panel=STORING,
            metavar="corpus|FILE",
        ),
    ] = None,
    dtype: Annotated[DTypeName, _option("float32 if left out.", panel=STORING)] = "float32",
    labels: Annotated[
        bool,
        _option("Label each file by the first folder below the one you name.", "--labels", panel=STORING),
    ] = False,
    format: Annotated[
        StoreName,
        _option(
            "npz (if left out), npz-compressed, zarr: one for each recording. parquet, webdataset: shards.",
            panel=STORING,
        ),
    ] = "npz",
    plot: Annotated[
        bool, _option("Draw each result into a PNG next to it.", "--plot", panel=STORING)
    ] = False,
    engine: Annotated[
        RunnerName,
        _option("Processes on this machine (embedded, if left out), or a Ray Data job.", panel=RUNNING),
    ] = "embedded",
    workers: Annotated[
        Optional[int], _option("Files at a time; one for each processor if left out.", panel=RUNNING, min=1)
    ] = None,
) -> None:
    """Compute one transform of every recording in a corpus.

    Beside the features, a result holds the times of the frames, the frequencies of the rows, and a
    description: the transform with all its arguments, the file, its digest, the version. `manifest.jsonl`
    lists every file with shape and duration, or the reason of its failure. Run the same command again after
    an interruption, or after files have been added: what is there and was made of the same file in the same
    way is skipped.

    All files must have one sampling rate, unless `--sr` or `--mixed-rates` is given. With `--front-end`, the
    features are those of a known model, which has its own rate; `nnaudio2 front-ends` lists the names.

    A file that fails, such as half a recording, is listed at the end and does not stop the others; the exit
    code is then 1. A full disk stops the run.

    Example: `nnaudio2 features corpus --transform mel --sr 16000 --db --out features`
    """
    with extra("corpus", "nnaudio2 features"):
        from ..corpus.extraction import Request, extract, report
    from ..corpus.options import Options, Reading, Storing, chosen_channels, chosen_scale

    if not audio and list_file is None:
        raise UserError("no recordings are named: give files, folders or --list")
    scale, limit = chosen_scale(log, db, top_db)
    channels = chosen_channels(mono, channel, keep_channels)
    options = Options(Reading(sr, channels, segment, segment_hop), Storing(scale, limit, dtype), labels)
    request = Request(
        audio or [],
        transform,
        settings or [],
        out,
        front_end=front_end,
        list_file=list_file,
        options=options,
        mixed_rates=mixed_rates,
        normalize=normalize,
        plot=plot,
        format=format,
        engine=engine,
        workers=workers,
    )
    summary = extract(request)
    report(summary, out)
    if summary.failures:
        raise typer.Exit(1)
