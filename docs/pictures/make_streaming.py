"""Make streaming.png: python docs/pictures/make_streaming.py"""

import matplotlib.pyplot as plt
import torch
from drawing import save

from nnaudio2_core import CQT, STFT, MelSpectrogram, Stream

SR = 22050
SECONDS = 0.4


def arrivals(stream: Stream) -> list[int]:
    """The sample with which each frame comes, one sample a step."""
    state, came = stream.start(1), []
    for sample in range(int(SECONDS * SR)):
        frames, state = stream.step(torch.zeros(1, 1), state)
        came += [sample] * frames.shape[-1]
    return came


def main() -> None:
    """Frames over the time at which they come, beside their own time."""
    arguments = {"hop_length": 256, "pad_mode": "constant"}
    streams = {
        "MelSpectrogram, n_fft=1024": Stream(MelSpectrogram(SR, 1024, **arguments)),
        "STFT, n_fft=2048": Stream(STFT(2048, sr=SR, output_format="Magnitude", **arguments)),
        "CQT, fmin=110": Stream(CQT(SR, fmin=110.0, n_bins=48, **arguments)),
    }
    figure, axis = plt.subplots(figsize=(8, 3.6), layout="constrained")
    frames = int(SECONDS * SR) // 256 + 1
    axis.plot(
        [256 * k / SR for k in range(frames)], range(1, frames + 1), "k.", label="the frame's own sample"
    )
    for name, stream in streams.items():
        came = arrivals(stream)
        label = f"{name}: latency {stream.latency} samples, {1000 * stream.latency / SR:.0f} ms"
        axis.step([sample / SR for sample in came], range(len(came)), where="post", label=label)
    axis.set(
        xlabel="time of the latest sample, s", ylabel="frames so far", xlim=(0, SECONDS), ylim=(0, frames)
    )
    axis.legend(loc="upper left")
    save(figure, "streaming")


main()
