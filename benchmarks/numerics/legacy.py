"""Classes of nnAudio 0.3.4 compared with those of nnaudio-compat, over the grid of the tests."""

import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

from tests import tolerances as bound
from tests.compat.kept import golden, parts
from tests.oracles.legacy_cases import CASES

from .comparison import Comparison, Difference, Signals, as_array, difference


def comparisons(signals: Signals) -> Iterator[Comparison]:
    """One line for each class, the worst of its settings; the goldens have noise of their own.

    Phases are left out, as they are loose where the magnitude is small; the tests compare them elsewhere.
    """
    from nnAudio import features

    for name in dict.fromkeys(case.name for case in CASES):
        cases = [case for case in CASES if case.name == name and "Phase" not in case.id]
        worst = Difference(0.0, 0.0, 0.0)
        for case in cases:
            with warnings.catch_warnings(), redirect_stdout(StringIO()):
                warnings.simplefilter("ignore")  # it warns and prints where the legacy package does
                results = parts(case.run(case.build(features)))
            for result, expected in zip(results, golden("outputs", case.id), strict=True):
                worst = worst.worse(difference(as_array(result[0]), as_array(expected[0])))
        against = f"nnAudio 0.3.4, {len(cases)} settings"
        yield Comparison(f"nnAudio.{name}", "", against, "float32", worst, bound.LEGACY_NUMBERS)
