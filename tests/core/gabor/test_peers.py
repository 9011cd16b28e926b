"""Our analysis and synthesis with the windows of cicuetea, against cicuetea."""

import numpy as np
import torch
from cicuetea import NsgfCQT
from tests import tolerances

from nnaudio2_core.gabor.frame import analysis, synthesis
from nnaudio2_core.gabor.group import Group
from nnaudio2_core.gabor.windows import Windows

SAMPLES = 2**14


def windows_of(cqt):
    """Its sparse channels as groups and windows: bin j at place j % frames, frequencies of one sign."""
    groups, bins, analysed, synthesised = [], [], [], []
    for k, (found, g, dual) in enumerate(zip(cqt.idxs, cqt.g, cqt.g_dual, strict=True)):
        places = np.argsort(found % len(found))
        groups.append(Group(k, k + 1, len(found)))
        bins.append(np.minimum(found[places], SAMPLES // 2))  # above Nyquist its windows are zero
        analysed.append(g[places] * np.sqrt(2))
        synthesised.append(dual[places] / np.sqrt(2))
    columns = (torch.from_numpy(np.concatenate(each))[:, None] for each in (bins, analysed, synthesised))
    return groups, Windows(*columns)


def test_coefficients_and_waveforms_are_those_of_cicuetea():
    cqt = NsgfCQT("sparse", 22050, SAMPLES, 1 / 12, 110.0, 9000.0)
    groups, windows = windows_of(cqt)
    x = torch.randn(SAMPLES, dtype=torch.float64)
    theirs = cqt.forward(x.numpy())
    ours = analysis(x[None], windows, groups, 1, SAMPLES)
    for part, expected in zip(ours, theirs, strict=True):
        # Its coefficients are those of a one-sided spectrum over N, ours of a unitary transform.
        found = torch.view_as_complex(part[0, 0]).numpy() * np.sqrt(2 * len(expected) / SAMPLES)
        assert np.linalg.norm(found - expected) <= tolerances.GABOR_CICUETEA * np.linalg.norm(expected)
    y = synthesis(ours, windows, groups, 1, SAMPLES)[0].numpy()
    for expected in (x.numpy(), cqt.inverse(theirs)):
        assert np.linalg.norm(y - expected) <= tolerances.GABOR_ROUND_TRIP_FLOAT64 * np.linalg.norm(expected)
