"""Verification passes and fails at the right error, to a hundredth of the allowed one, on each signal."""

from copy import deepcopy
from dataclasses import replace
from math import inf, nan, pi

import pytest
import torch
from torch import nn

from nnaudio2_core import CFP, STFT, GriffinLim, MelSpectrogram
from nnaudio2_deploy import ArtifactError, Report, inspect, save, verify
from nnaudio2_deploy.artifacts.interface import interface_of
from nnaudio2_deploy.artifacts.parity import allowed_on, error_between, sampled_errors_on, samples_of
from nnaudio2_deploy.artifacts.seeded_signals import signals
from nnaudio2_deploy.measures import relative_error

SIGNALS = {"tone", "noise", "impulse", "silence", "shortest", "long", "batch"}
TORCHSCRIPT, ONNX = 1e-5, 1e-4
"""Errors that the page on deploying allows."""


class Scaled(nn.Module):
    """A number times its input, in double precision: round-off is nothing beside what is allowed."""

    def __init__(self, factor=1.0, scripted=1.0):
        super().__init__()
        self.one = nn.Parameter(torch.ones(1, dtype=torch.float64))
        self.factor = factor
        self.scripted = scripted

    def forward(self, x):
        if torch.jit.is_scripting():
            return self.one * self.scripted * x
        return self.one * self.factor * x


@pytest.fixture(scope="module")
def artifact(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "model.pt"
    save(Scaled(), path, "torchscript")
    return path


NEARLY = [(0.99, True), (1.01, False), (-0.99, True), (-1.01, False)]
"""Errors, of what is allowed, and whether they are."""


@pytest.mark.parametrize(("error", "passed"), [*NEARLY[:2], (1.0, True), (inf, False), (nan, False)])
@pytest.mark.parametrize("signal", ["tone", "silence", "batch"])
def test_a_report_passes_where_every_error_is_allowed(signal, error, passed, artifact):
    allowed = {"tone": 1e-5, "silence": 1e-6, "batch": 3e-4}  # each has its own
    description = replace(inspect(artifact), allowed=allowed)
    errors = dict.fromkeys(allowed, 0.0) | {signal: error * allowed[signal]}
    assert Report(description, errors, "eager mode").passed is passed


def test_on_a_signal_that_the_description_does_not_know_no_error_is_allowed(artifact):
    description = replace(inspect(artifact), allowed={"tone": 1.0})
    assert Report(description, {"tone": 0.5, "other": 0.0}, "eager mode").passed
    assert not Report(description, {"tone": 0.5, "other": 1e-12}, "eager mode").passed


@pytest.mark.parametrize(("error", "passed"), NEARLY)
def test_verify_passes_up_to_what_is_allowed(error, passed, artifact):
    off = Scaled(1 / (1 + error * TORCHSCRIPT))
    report = verify(artifact, module=off)
    assert report.passed is passed
    expected = dict.fromkeys(SIGNALS, abs(error) * TORCHSCRIPT) | {"silence": 0.0}
    assert report.errors == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("error", "passed"), NEARLY)
def test_save_passes_up_to_what_is_allowed(error, passed, tmp_path):
    path, model = tmp_path / "model.pt", Scaled(scripted=1 + error * TORCHSCRIPT)
    if passed:
        parity = save(model, path, "torchscript").parity
        assert parity["noise"] == pytest.approx(abs(error) * TORCHSCRIPT, rel=1e-6)
    else:
        with pytest.raises(ArtifactError, match=r"differs from eager mode by 1\.01e-05 .* 1e-05 is allowed"):
            save(model, path, "torchscript")
    assert path.exists() is passed


@pytest.mark.parametrize("error", [0.99e-5, 1.01e-5, 0.25])
def test_the_error_at_the_kept_places_is_the_error(error):
    inputs = {"one": torch.linspace(-1, 3, 10_000, dtype=torch.float64), "silence": torch.zeros(99)}
    kept = samples_of(lambda x: x, lambda x: x, inputs, dict.fromkeys(inputs, 0.0))
    found = sampled_errors_on(lambda x: (1 + error) * x, kept, inputs)
    assert found == pytest.approx({"one": error, "silence": 0.0}, rel=1e-9)


def test_of_several_results_the_worst_counts_by_its_own_maximum():
    inputs = {"one": torch.linspace(-1, 3, 10_000, dtype=torch.float64)}
    kept = samples_of(*[lambda x: (x, 0.001 * x)] * 2, inputs, {"one": 0.0})
    found = sampled_errors_on(lambda x: (1.01 * x, 0.0012 * x), kept, inputs)
    assert found["one"] == pytest.approx(0.2, rel=1e-9)
    assert sampled_errors_on(lambda x: (x,), kept, inputs) == {"one": inf}
    assert sampled_errors_on(lambda x: (x, x[1:]), kept, inputs) == {"one": inf}


def test_a_signal_of_which_nothing_was_kept_does_not_pass():
    inputs = {"one": torch.ones(3)}
    assert sampled_errors_on(lambda x: x, {}, inputs) == {"one": inf}


class OddOn(nn.Module):
    """Another function of one of the signals, once it is scripted."""

    def __init__(self, signal: str, shortest: int, longest: int):
        super().__init__()
        self.signal, self.shortest, self.longest = signal, shortest, longest

    def forward(self, x):
        if torch.jit.is_scripting():
            odd = {
                "silence": not bool(x.any()),
                "impulse": int(x.count_nonzero()) == 1 and x.size(-1) > self.shortest,
                "shortest": x.size(-1) == self.shortest,
                "long": x.size(-1) > self.longest,
                "batch": x.size(0) > 1,
            }
            if odd[self.signal]:
                return x + 1.0
        return x + 0.0


@pytest.mark.parametrize("signal", ["silence", "impulse", "shortest", "long", "batch"])
def test_saving_tries_every_signal_the_shortest_too(signal, tmp_path):
    # A model that takes one sample has signals of 2 * 1 + 4001, and a long one of three times that.
    path = tmp_path / "model.pt"
    with pytest.raises(ArtifactError, match=f"of the maximum on the signal {signal}, and 1e-05 is allowed"):
        save(OddOn(signal, 1, 2 * 4003), path, "torchscript")
    assert not path.exists()


@pytest.mark.parametrize(("format", "bound"), [("torchscript", TORCHSCRIPT), ("onnx", ONNX)])
def test_a_description_allows_what_its_format_does(format, bound, tmp_path):
    mel = MelSpectrogram(8000, 256, hop_length=64, n_mels=20)
    assert save(mel, tmp_path / "mel", format).allowed == dict.fromkeys(SIGNALS, bound)


def test_an_inverse_has_errors_of_its_own_and_the_same_bound(tmp_path):
    path = tmp_path / "stft.pt"
    description = save(STFT(64, hop_length=16), path, "torchscript")
    signals = SIGNALS | {f"{signal}, inverse" for signal in SIGNALS}
    assert description.allowed == dict.fromkeys(signals, TORCHSCRIPT)
    assert description.parity.keys() == verify(path, trust=True).errors.keys() == signals


@pytest.mark.parametrize("format", ["export", "onnx"])
def test_a_graph_has_no_inverse_and_is_tried_on_every_signal(format, tmp_path):
    path = tmp_path / "stft"
    description = save(STFT(64, hop_length=16), path, format)
    assert (
        description.allowed.keys()
        == description.parity.keys()
        == verify(path, trust=True).errors.keys()
        == SIGNALS
    )


def bounds(*arguments):
    return {name: allowance.error for name, allowance in allowed_on(*arguments).items()}


def own_errors(module, inputs):
    """The difference of float64 from float32, as a share of the latter."""
    exact = deepcopy(module).double()
    return {name: relative_error(exact(x.double()).float(), module(x)) for name, x in inputs.items()}


@pytest.mark.parametrize("module", [STFT(256), GriffinLim(256, 4)], ids=lambda module: type(module).__name__)
def test_what_float32_leaves_open_is_allowed_thirty_times(module):
    interface = interface_of(module)
    inputs = signals(interface)
    own = own_errors(module, inputs)
    assert max(own.values()) > 1e-8
    # A bound so low that nothing keeps it, and one so high that nothing reaches it.
    low, high = (bounds(inputs, bound, module, interface) for bound in (1e-9, 1.0))
    assert low == pytest.approx({name: max(1e-9, 30 * error) for name, error in own.items()})
    assert high == dict.fromkeys(SIGNALS, 1.0)


def test_round_off_is_magnified_by_iterations_alone():
    # Between a thirtieth of the bound and the bound an STFT has the excuse that both results have an error.
    for module, magnifies in ((STFT(256), False), (GriffinLim(256, 4), True)):
        interface = interface_of(module)
        inputs = {"noise": signals(interface)["noise"]}
        error = own_errors(module, inputs)["noise"]
        allowed = bounds(inputs, 2 * error, module, interface)
        assert allowed == pytest.approx({"noise": (30 if magnifies else 3) * error})
        high = bounds(inputs, 100 * error, module, interface)
        assert high == pytest.approx({"noise": 100 * error})


def test_nothing_is_left_open_where_float32_is_zero():
    """CFP of a click: float64's 1e-19 is no excuse for as much as there may be."""
    module = CFP(fr=20, fs=8000, window_size=201, fc=100)
    interface = interface_of(module)
    assert bounds(signals(interface), ONNX, module, interface) == dict.fromkeys(SIGNALS, ONNX)


def test_a_model_is_allowed_thirty_times_its_own_error():
    model = nn.Sequential(STFT(256, output_format="Magnitude"), nn.ReLU())
    interface = interface_of(model)
    inputs = signals(interface)
    own = own_errors(model, inputs)
    allowed = bounds(inputs, 1e-9, model, interface)
    assert allowed == pytest.approx({name: max(1e-9, 30 * error) for name, error in own.items()})
    assert bounds(inputs, 1.0, model, interface) == dict.fromkeys(SIGNALS, 1.0)


def test_a_model_may_call_a_part_of_it_transform():
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.transform = STFT(256, output_format="Magnitude")

        def forward(self, x):
            return self.transform(x).relu()

    model = Named()
    interface = interface_of(model)
    inputs = signals(interface)
    own = own_errors(model, inputs)
    bound = 2 * max(own.values())  # above it, a transform would be allowed as much
    expected = {name: max(bound, 30 * error) for name, error in own.items()}
    assert bounds(inputs, bound, model, interface) == pytest.approx(expected)


def test_a_model_without_float64_is_allowed_its_formats_bound():
    class Fixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.stft = STFT(256, output_format="Magnitude")

        def forward(self, x):
            return torch.linspace(0, 1, 129) @ self.stft(x)  # of the default type, whatever x is

    model = Fixed()
    interface = interface_of(model, sr=16000)
    assert bounds(signals(interface), 1e-9, model, interface) == dict.fromkeys(SIGNALS, 1e-9)


def phases(rows):
    """The points that phases of an STFT are compared by, with those of another runtime for some bins."""
    stft = STFT(64, output_format="Phase")
    points = interface_of(stft).points
    x = torch.randn(2, 4000)
    angles = stft(x)
    other = angles.clone()
    other[:, rows] = torch.where(angles[:, rows] == torch.tensor(pi), -angles[:, rows], angles[:, rows])
    assert (other != angles).any()
    return error_between(points(other, x), points(angles, x))


def test_half_a_turn_is_not_minus_half_where_a_bin_is_real():
    for bin in (0, 32):
        assert phases([bin]) > 1.0


def test_phases_count_as_much_as_their_magnitude():
    stft = STFT(64, output_format="Phase")
    points = interface_of(stft).points
    x = torch.sin(torch.arange(4000) * (2 * pi * 8 / 64))[None]
    angles, magnitudes = stft(x), stft(x, "Magnitude")
    faint = magnitudes < 1e-5 * magnitudes.max()
    assert faint.any()
    assert error_between(points(torch.where(faint, 3.0, angles), x), points(angles, x)) < 1e-4
    assert error_between(points(torch.where(faint, angles, angles + 0.01), x), points(angles, x)) > 5e-3


class PhaseReader(nn.Module):
    """Reads phases that float32 leaves open; once scripted, half a turn at Nyquist has the other sign."""

    def __init__(self, odd: bool):
        super().__init__()
        self.stft, self.odd = STFT(64), odd

    def forward(self, x):
        X = self.stft(x)
        phase = torch.atan2(X[..., 1], X[..., 0])
        if torch.jit.is_scripting() and self.odd:
            last = phase[:, 32:]
            phase = torch.cat([phase[:, :32], torch.where(last > 3.0, -last, last)], 1)
        return phase + phase.roll(1, -1)


def test_a_bound_that_lets_anything_pass_is_none(tmp_path):
    """Phases of float32 differ from float64's by whole turns; as many others must be right."""
    with pytest.raises(ArtifactError, match=r"on the signal noise, and 0\.1 is allowed"):
        save(PhaseReader(odd=True), tmp_path / "odd.pt", "torchscript", sr=8000, tolerance={"tone": 9.0})
    description = save(PhaseReader(odd=False), tmp_path / "even.pt", "torchscript", sr=8000)
    assert max(description.allowed.values()) <= 0.1
    assert verify(tmp_path / "even.pt", trust=True).passed


def test_of_left_out_values_only_the_largest_errors_are():
    expected = torch.ones(10)
    result = expected + torch.tensor([0.5, -0.4, 0.3] + [0.0] * 7)
    assert [round(error_between(result, expected, count), 6) for count in range(5)] == [0.5, 0.4, 0.3, 0, 0]
    result[9] = nan
    assert error_between(result, expected) == inf


def test_left_out_values_are_not_among_the_kept_numbers():
    inputs = {"one": torch.linspace(-1, 3, 50)}
    kept = samples_of(lambda x: x, lambda x: torch.where(x > 0, -x, x), inputs, {"one": 0.1})
    values = kept["one"][0]["values"]
    assert None in values
    assert all(2 * value <= 0.1 * 3 for value in values if value is not None)
    assert sampled_errors_on(lambda x: torch.where(x > 0.15, 0 * x, x), kept, inputs) == {"one": 0.0}
    assert sampled_errors_on(lambda x: x - 0.3, kept, inputs)["one"] == pytest.approx(0.1, rel=1e-5)
