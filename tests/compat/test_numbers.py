"""Numbers, shapes and types are those of nnAudio 0.3.4 over a grid of arguments."""

import inspect
import math

import nnAudio2.features
import pytest
import torch
from tests.compat.kept import assert_same, golden, parts
from tests.oracles.legacy_cases import BANDS, CASES, Case
from tests.tolerances import LEGACY_NUMBERS, LEGACY_PHASE

from nnAudio import features

IDS = [case.id for case in CASES]


def phases_agree(case: Case, output: torch.Tensor, expected: torch.Tensor) -> None:
    """Assert equal angles, or cosines and sines, where the magnitude is not small."""
    assert output.shape == expected.shape
    magnitude = case.build(features)(case.input(), "Magnitude")
    difference = output - expected
    if output.dim() == 4:
        difference = difference.abs().amax(-1)
    else:
        difference = torch.remainder(difference + math.pi, 2 * math.pi) - math.pi
    assert float(difference[magnitude > 0.1 * magnitude.mean()].abs().max()) <= LEGACY_PHASE


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.filterwarnings("ignore:fmax is given:SyntaxWarning")
@pytest.mark.filterwarnings("ignore:x (must have at least|is too short):UserWarning")
def test_numbers(case):
    output = case.run(case.build(features))
    expected = golden("outputs", case.id)
    if "Phase" in case.id:
        phases_agree(case, output, expected[0])
    else:
        assert_same(output, expected, LEGACY_NUMBERS)
    wanted = torch.float64 if case.name == "iSTFT" else torch.float32
    assert {part.dtype for part in parts(output)} == {wanted}


@pytest.mark.parametrize("ref", [0.1, 2.0])
def test_least_power_of_mfcc_where_half_of_the_bands_are_quieter(ref):
    """``amin`` above half of the bands, and above ``ref``: two cases that the goldens lack.

    The reference is nnAudio 2.0.3 (Roy et al.), which agrees with the goldens of MFCC to a few roundings.
    """
    case = Case("MFCC", {**BANDS, "n_mels": 12, "n_mfcc": 5, "amin": 0.6, "ref": ref})
    expected = case.run(case.build(nnAudio2.features))
    assert_same(case.run(case.build(features)), [expected], LEGACY_NUMBERS)
    other = Case("MFCC", {**case.arguments, "amin": 0.01})
    difference = other.run(other.build(features)) - expected
    assert float(difference.abs().max()) > 0.1 * float(expected.abs().max())


def test_the_grid_changes_every_argument_of_every_class():
    # iSTFT raises with any other freq_scale.
    untested = {"verbose", "device", "kwargs"}
    for name in {case.name for case in CASES}:
        arguments = set(inspect.signature(getattr(features, name)).parameters) - untested
        changed = {key for case in CASES if case.name == name for key in case.arguments}
        changed |= {"freq_scale"} if name == "iSTFT" else set()
        if name != "CQT":  # another name of CQT1992v2
            assert arguments <= changed, (name, arguments - changed)
