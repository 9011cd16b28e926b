"""Train a small classifier on features that ``nnaudio2 features`` computed: ``python train.py FOLDER``.

The last recording of each label is held out.
"""

import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, Subset

from nnaudio2_deploy import FeatureDataset

EPOCHS = 20


def split(dataset: FeatureDataset) -> tuple[Subset, Subset]:
    """Clips for the training, and those of the last recording of each label: no recording is in both."""
    last = {line["label"]: line["path"] for line in dataset.lines}
    held = [number for number, line in enumerate(dataset.lines) if line["path"] == last[line["label"]]]
    kept = [number for number in range(len(dataset)) if number not in set(held)]
    return Subset(dataset, kept), Subset(dataset, held)


def train(model: nn.Module, clips: Subset) -> None:
    """Some epochs of Adam."""
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    loader = DataLoader(clips, batch_size=8, shuffle=True, generator=torch.Generator().manual_seed(0))
    for _ in range(EPOCHS):
        for batch in loader:
            loss = nn.functional.cross_entropy(model(batch["features"]), batch["label"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


@torch.no_grad()
def accuracy(model: nn.Module, clips: Subset) -> float:
    """Share of clips that are told right."""
    right = [
        model(batch["features"]).argmax(1) == batch["label"] for batch in DataLoader(clips, batch_size=64)
    ]
    return float(torch.cat(right).float().mean())


def main(folder: str) -> None:
    """Train, and report what was held out."""
    torch.manual_seed(0)
    dataset = FeatureDataset(folder)
    rows, _ = dataset[0]["features"].shape
    model = nn.Sequential(
        nn.Conv1d(rows, 16, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.AdaptiveMaxPool1d(1),
        nn.Flatten(),
        nn.Linear(16, len(dataset.labels)),
    )
    training, held_out = split(dataset)
    train(model, training)
    print(f"labels: {', '.join(dataset.labels)}")
    print(f"right in {accuracy(model, training):.0%} of {len(training)} clips for the training")
    print(f"right in {accuracy(model, held_out):.0%} of {len(held_out)} clips held out")


if __name__ == "__main__":
    main(sys.argv[1])
