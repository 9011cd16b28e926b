"""Train a small classifier whose mel filters learn with it, save it as TorchScript and verify the file.

    python train.py model.pt
    torchrun --nproc-per-node 2 train.py model.pt    # the same, in two processes

It tells half a second of trumpet from half a second of snare drum, in the two recordings that ship with
nnaudio2-deploy.
"""

import os
import sys

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torchaudio.functional import resample

from nnaudio2_core import MelSpectrogram
from nnaudio2_deploy import save, verify
from nnaudio2_deploy.corpus.recordings import read_recording

SR = 22050
CLIP = SR // 2
STEPS, BATCH = 30, 32


class Classifier(nn.Module):
    """Mel bands, trained unless they are frozen, a convolution over time, its maximum, two scores."""

    def __init__(self, trainable: bool = True) -> None:
        super().__init__()
        self.front = MelSpectrogram(SR, 1024, n_mels=40, hop_length=256, norm=None, trainable_mel=trainable)
        self.convolution = nn.Conv1d(40, 16, kernel_size=5, padding=2)
        self.scores = nn.Linear(16, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Waveforms ``(batch, time)`` to scores ``(batch, 2)``."""
        bands = torch.log1p(torch.relu(self.front(x)))  # trained filters may become negative
        return self.scores(torch.relu(self.convolution(bands)).amax(-1))


def clips(held_out: bool = False) -> tuple[Tensor, Tensor]:
    """Overlapping clips ``(clip, time)`` of both recordings, and which recording each is from.

    Those held out are of the last quarter of each recording, the others of what is before it.
    """
    found = []
    for name in ("sir_duke_fast", "snare-accelerate"):
        recording = read_recording(name)
        waveform = resample(torch.from_numpy(recording.samples), recording.sr, SR)
        last = 3 * len(waveform) // 4
        part = waveform[last:] if held_out else waveform[:last]
        found.append(part.unfold(0, CLIP, CLIP // 4))
    labels = [torch.full((len(each),), label) for label, each in enumerate(found)]
    return torch.cat(found), torch.cat(labels)


@torch.no_grad()
def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Share of clips that are told right."""
    return float((model(x).argmax(1) == y).float().mean())


def train(model: nn.Module, x: Tensor, y: Tensor, rank: int = 0, processes: int = 1) -> list[float]:
    """The losses. Each process takes its share of every batch; the batches are the same for any number."""
    generator = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        batch = torch.randint(len(x), (BATCH,), generator=generator)[rank::processes]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def difference_between_processes(value: Tensor) -> float:
    """Largest difference of a tensor from that of process 0."""
    first = value.clone()
    dist.broadcast(first, 0)
    largest = (value - first).abs().max()
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return float(largest)


def main(path: str) -> None:
    """Train, save, verify; with torchrun, in as many processes as it starts."""
    torch.manual_seed(0)
    classifier = Classifier()
    x, y = clips()
    distributed = "RANK" in os.environ
    if distributed:
        dist.init_process_group("gloo")
        rank, processes = dist.get_rank(), dist.get_world_size()
        losses = train(DistributedDataParallel(classifier), x, y, rank, processes)
        spread = difference_between_processes(classifier.front.mel_basis.grad)
        if rank > 0:
            dist.destroy_process_group()
            return
        print(f"{processes} processes; gradients of the mel filters differ by {spread}")
    else:
        losses = train(classifier, x, y)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
    torch.manual_seed(0)
    frozen = Classifier(trainable=False)
    train(frozen, x, y)
    unseen, labels = clips(held_out=True)
    for name, model in (("trained", classifier), ("frozen", frozen)):
        print(
            f"{name} filters: right in {accuracy(model, x, y):.0%} of {len(x)} clips for the training, in "
            f"{accuracy(model, unseen, labels):.0%} of {len(unseen)} held out"
        )
    save(classifier, path, "torchscript")
    print(f"{path} verified: {verify(path).passed}")
    if distributed:
        dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])
