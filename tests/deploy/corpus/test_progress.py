"""Progress without a terminal: a line every so often, not for each file."""

import pytest

from nnaudio2_deploy.corpus import progress


def test_lines_come_every_half_minute_with_what_is_left(capsys, monkeypatch):
    clock = iter(range(0, 10_000, 10))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(clock)))
    with progress.progress("CQT", 10) as advance:
        for number in range(10):
            advance(failed=number == 1)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "CQT: 3 of 10 files, 1 failed, about 1 min left",
        "CQT: 6 of 10 files, 1 failed, about 40 s left",
        "CQT: 9 of 10 files, 1 failed, about 10 s left",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(2, "2 s"), (90, "2 min"), (4000, "1 h 7 min"), (90000, "25 h 0 min")]
)
def test_durations(seconds, words):
    assert progress._duration(seconds) == words
