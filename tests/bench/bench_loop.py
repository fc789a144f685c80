"""Strata's training loop against the best loop one can write by hand: `python -m tests.bench.bench_loop`.

MLP 784-256-128-10 and LeNet, batches of 64, Adam, the real MNIST (STRATA_TEST_DATA/mnist). Both sides train the same
network in the same process on the same samples, in turns whose order is drawn anew for each pair.
By hand: tensors resident as float32, one permutation an epoch, index_select for each batch, fused Adam, gradients set
to None, no `.item()`, mallopt as in a run. Strata: the generator of a run, drained as it comes, with its reports,
in-memory states and sums for the epoch's metrics; only validation is cut to one sample, as the other side has none.
The ratio is steps a second (Strata / by hand), so more is better; by CPU time of the thread, and by the wall.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import platform
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from engine.check import checker
from engine.compile import compiler
from engine.data.source import Dataset, open_data
from engine.graph import edits
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.model import Value, Wire
from engine.graph.recipe import Named, Recipe
from engine.train import machine
from engine.train.control import Control
from engine.train.loop import Job, Training

BATCH = 64
STEPS = {"mlp": 250, "lenet": 60}  # in one turn

MLP: list[tuple[str, dict[str, Value]]] = [
    ("Flatten", {}),
    ("Linear", {"out_features": 256}),
    ("ReLU", {}),
    ("Linear", {"out_features": 128}),
    ("ReLU", {}),
    ("Linear", {"out_features": 10}),
]
LENET: list[tuple[str, dict[str, Value]]] = [
    ("Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
    ("ReLU", {}),
    ("MaxPool2d", {"kernel_size": 2}),
    ("Conv2d", {"out_channels": 16, "kernel_size": 5}),
    ("ReLU", {}),
    ("MaxPool2d", {"kernel_size": 2}),
    ("Flatten", {}),
    ("Linear", {"out_features": 120}),
    ("ReLU", {}),
    ("Linear", {"out_features": 84}),
    ("ReLU", {}),
    ("Linear", {"out_features": 10}),
]


def by_hand_network(name: str) -> torch.nn.Module:
    nn = torch.nn
    if name == "mlp":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
        )
    convolutions = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU()]
    head = [nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)]
    return nn.Sequential(*convolutions, nn.MaxPool2d(2), nn.Flatten(), *head)


def by_hand(name: str, data: Dataset, steps: int) -> Iterator[None]:
    """One turn of `steps` steps at each `next`."""
    torch.manual_seed(0)
    network, loss_function = by_hand_network(name), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    arrays = data.arrays("train")
    images, labels = torch.from_numpy(arrays["image"]), torch.from_numpy(arrays["label"])
    order, position = torch.randperm(len(images)), 0
    while True:
        yield
        for _ in range(steps):
            if position >= len(images):
                order, position = torch.randperm(len(images)), 0
            batch = order[position : position + BATCH]
            position += BATCH
            loss = loss_function(network(images.index_select(0, batch)), labels.index_select(0, batch))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()


def strata(name: str, data: Dataset, steps: int, threads: int) -> Iterator[None]:
    """The same through Strata's loop: `Training.run` told where each turn ends."""
    design = designed(MLP if name == "mlp" else LENET)
    report = checker.check(design, data.spec)
    compiled = compiler.compile_graph(design, report, data.spec, seed=0)
    training = _Paused(Job(design, compiled, data, epochs=10**6, threads=threads), Control(), threads)
    training.validation = training.data.data.__class__(
        {k: v[:1] for k, v in data.arrays("validation").items()}, ["image", "label"], torch.device("cpu")
    )
    told = training.run()
    while True:
        yield
        training.turn_ends = training.step + steps
        while training.step < training.turn_ends:
            next(told)


class _Paused(Training):
    """A training whose bursts end where a turn ends, so that both sides take the same number of steps."""

    turn_ends = 0

    def burst(self, most: int, until: float) -> None:
        super().burst(min(most, max(1, self.turn_ends - self.step)), until)
        if self.step == self.turn_ends:
            self.report_due = 0.0  # give the turn back


def designed(layers: list[tuple[str, dict[str, Value]]]) -> Design:
    recipe = Recipe(optimizer=Named("Adam", Frozen({"lr": 1e-3})), batch_size=BATCH)
    made, before = edits.add_node(Design(recipe=recipe), "Input", (0, 0))
    for kind, parameters in layers:
        made, node = edits.add_node(made, kind, (0, 0), parameters=parameters)
        made, before = edits.connect(made, Wire(before, node)), node
    made, loss = edits.add_node(made, "CrossEntropyLoss", (0, 0))
    made, target = edits.add_node(made, "Target", (0, 0))
    return edits.connect(edits.connect(made, Wire(before, loss)), Wire(target, loss, "target"))


@dataclass(frozen=True)
class Turn:
    wall: float
    cpu: float


def turn(side: Iterator[None]) -> Turn:
    wall, cpu = time.perf_counter(), time.thread_time()
    next(side)
    return Turn(time.perf_counter() - wall, time.thread_time() - cpu)


def interval(ratios: list[float], rounds: int = 10_000) -> tuple[float, float, float]:
    """Median of the pairs' ratios, with a 95 % interval by drawing pairs again and again."""
    values = np.array(ratios)
    drawn = np.median(values[np.random.default_rng(0).integers(0, len(values), (rounds, len(values)))], axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(np.median(values)), float(low), float(high)


def compare(name: str, data: Dataset, pairs: int, threads: int) -> list[str]:
    steps = STEPS[name]
    with machine.taken(threads):
        sides = {"hand": by_hand(name, data, steps), "strata": strata(name, data, steps, threads)}
        for side in sides.values():
            next(side)
            turn(side)  # warm
        taken: dict[str, list[Turn]] = {"hand": [], "strata": []}
        for _ in range(pairs):
            for which in random.sample(list(sides), 2):
                taken[which].append(turn(sides[which]))
    lines: list[str] = []
    for clock in ("cpu", "wall"):
        hand, ours = ([getattr(t, clock) for t in taken[side]] for side in ("hand", "strata"))
        ratio, low, high = interval([h / o for h, o in zip(hand, ours, strict=True)])
        speeds = [steps / float(np.median(times)) for times in (ours, hand)]
        lines.append(
            f"| {name} | {threads} | {clock} | {pairs} | {speeds[0]:,.0f} | {speeds[1]:,.0f} "
            f"| **{ratio:.3f}** | {low:.3f} to {high:.3f} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--networks", nargs="*", default=["mlp", "lenet"], choices=list(STEPS))
    options = parser.parse_args()
    place = pathlib.Path(os.environ.get("STRATA_TEST_DATA", "")) / "mnist"
    if not place.is_dir():
        raise SystemExit("Set STRATA_TEST_DATA to the folder that holds mnist/.")
    data = open_data(DataChoice(str(place)))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    machine_name = platform.processor() or platform.machine()
    print(f"{machine_name}, {os.cpu_count()} cores, torch {torch.__version__}, load {load:.1f}\n")
    print("| network | threads | clock | pairs | Strata steps/s | by hand steps/s | ratio | 95 % interval |")
    print("|---|---|---|---|---|---|---|---|")
    for name in options.networks:
        print("\n".join(compare(name, data, options.pairs, options.threads)), flush=True)


if __name__ == "__main__":
    main()
