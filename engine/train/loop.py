"""Supervised training as a generator of events: `for event in train(job, control): …`.

`Training.burst` is the only code that runs once a step; all else happens between bursts, by the clock. What a step
does follows from its number alone (order of samples, random numbers, rate), so a run can stop after any step and go on
in another process with the same losses to the bit, and the state before any step can be reached again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.compile import keys
from engine.compile.compiler import Compiled
from engine.data.source import Dataset
from engine.errors import TrainingError
from engine.graph.design import Design
from engine.observe.looker import Looker
from engine.observe.picture import Look, Picture, Request
from engine.train import checkpoint, fitting, machine, trouble
from engine.train.batches import Resident, Shuffled
from engine.train.control import Control
from engine.train.evaluate import evaluate, fields, labels, measure
from engine.train.events import (
    Checkpoint,
    EpochEnded,
    Event,
    Finished,
    Looked,
    Losses,
    Metrics,
    Paused,
    Resumed,
    Started,
    TrainingState,
)
from engine.train.ledger import Ledger
from engine.train.metrics import Sums, judge
from engine.train.optimizers import Rates, Setting, build_optimizer, set_rates

__all__ = ["Job", "evaluate", "train"]

Tensors = Sequence[Tensor]

MOST_STEPS = 1000  # in one burst: a loss that is not finite is noticed after at most so many
BURST = 0.1  # seconds: what is asked for from outside is noticed after at most so long (or one step)
LOOK_SHARE, LOOK_OFTEN, LOOK_SELDOM = 0.03, 0.35, 0.45  # of the time; seconds between two looks
KEEP_OFTEN, KEEP_SHARE = 1.0, 1 / 30  # seconds between two states kept in memory; at most so much of the time


@dataclass(frozen=True)
class Job:
    """What to train, on what, how far. `epochs` is the total at which to stop; a `state` is gone on from. `threads`
    None: those of the state, else what the machine offers. `report_every` 0 reports each step."""

    design: Design
    compiled: Compiled
    dataset: Dataset
    device: str = "cpu"
    epochs: int | None = None
    state: TrainingState | None = None
    threads: int | None = None
    report_every: float = 0.1
    checkpoint_every: float = 30.0


def train(job: Job, control: Control) -> Iterator[Event]:
    """Events from Started to Finished or Failed. Nothing is raised but interrupts from outside."""
    threads = job.threads or (job.state.threads if job.state else machine.usual_threads())
    try:
        fitting.require_threads(threads)  # before any are made
    except TrainingError as error:
        yield from trouble.explained(None, trouble.of(error))
        return
    with machine.taken(threads):
        training: Training | None = None
        problem: trouble.Trouble | None = None
        try:
            training = Training(job, control, threads)
            yield from training.run()
        except Exception as error:
            problem = trouble.of(error)  # texts only: the exception itself would hold every tensor of its frames
        if problem is not None:
            yield from trouble.explained(training, problem)


class Training:
    """One training under way: the network, its optimiser, where it stands, and what is due when."""

    def __init__(self, job: Job, control: Control, threads: int):
        if not job.compiled.losses:
            raise TrainingError("This design has no loss, so there is nothing to learn. Add a loss and its target.")
        recipe, compiled = job.design.recipe, job.compiled
        self.job, self.control, self.compiled, self.recipe = job, control, compiled, recipe
        self.threads, self.device = threads, torch.device(job.device)
        self.epochs = recipe.epochs if job.epochs is None else job.epochs
        train = Resident(job.dataset.arrays("train"), fields(compiled), self.device)
        self.data = Shuffled(train, recipe.batch_size, recipe.seed, self.device)
        self.validation = Resident(job.dataset.arrays("validation"), fields(compiled), self.device)

        self.module = compiled.module.train()
        learned = {key: p for key, p in keys.parameters(compiled).items() if p.requires_grad}
        self.keys, self.parameters = list(learned), list(learned.values())
        self.optimizer = build_optimizer(recipe, self.parameters)
        self.rates = Rates(recipe, self.data.steps_per_epoch)
        self.setting: Setting | None = None  # of the optimiser now; None: not known
        self.rate = 0.0  # the learning rate in it
        self.forward = self._drawn if compiled.stochastic else self.module.forward  # of the step to come

        self.step = self.epoch = self.batch = 0  # done: steps in all, whole epochs, batches of this epoch
        self.sums = Sums()  # of the epoch under way
        self.finished_sums = Sums()  # of the epoch before
        self.ledger = Ledger(judge(compiled), len(compiled.losses) > 1)
        self.labels = labels(compiled)
        self.first_target = len(compiled.inputs)
        self.last_train: Metrics | None = None
        self.last_validation: Metrics | None = None
        self.good: TrainingState | None = None  # the latest state that is known to be sound

        self.wall, self.cpu = time.perf_counter(), time.process_time()
        self.unreported: list[tuple[float, float]] = []  # loss and rate of steps that were read and not yet told
        self.unreported_samples, self.busy = 0, 0.0  # and their samples and seconds
        self.epoch_began = self.wall
        self.report_due = self.look_due = self.keep_due = 0.0
        self.checkpoint_due = self.wall + job.checkpoint_every
        self.looker: Looker | None = None
        self.looked: tuple[Request, int] | None = None
        self._take_up(job.state)

    def _take_up(self, state: TrainingState | None) -> None:
        if state is not None:
            fitting.require(self, state)
            self.restore(state)
            self.last_train = self.finished_sums.metrics(self.labels)
        self.reported = self.step
        self.good = self.capture()

    # -- one step ----------------------------------------------------------------------
    def prepare(self) -> list[Tensor]:
        """All that the next step depends on, besides weights, optimiser and random numbers: rate and samples."""
        setting = self.rates.at(self.step)
        if setting is not self.setting:
            set_rates(self.optimizer, setting)
            self.setting, self.rate = setting, float(setting["lr"])
        return self.data.batch(self.epoch, self.batch)

    @property
    def step_seed(self) -> int:
        return machine.derived_seed("step", self.recipe.seed, self.step)

    def _drawn(self, *arguments: Tensor) -> tuple[Tensor, Tensors, Tensors]:
        with machine.drawing(self.step_seed, self.device):
            return self.module.forward(*arguments)

    def done(self, total: Tensor, losses: Tensors, predictions: Tensors, arguments: list[Tensor]) -> None:
        """Note what a step left behind, without waiting for it, and forget its gradients."""
        for parameter in self.parameters:
            parameter.grad = None
        self.ledger.note(total, losses, predictions, arguments[self.first_target :], self.rate)
        self.step += 1
        self.batch += 1

    def burst(self, most: int, until: float) -> None:
        """Up to `most` steps of this epoch; fewer where the clock says `until` or somebody asks for something."""
        control, optimizer, prepare, done = self.control, self.optimizer, self.prepare, self.done
        forward = self.forward  # not __call__: that of a GraphModule prints to stderr when it fails
        clock = time.perf_counter
        began = clock()
        for _ in range(most):
            arguments = prepare()
            total, losses, predictions = forward(*arguments)
            total.backward()
            optimizer.step()
            done(total, losses, predictions, arguments)
            if clock() >= until or control.stop_asked or control.pause_asked or control.checkpoint_asked:
                break
        self.busy += clock() - began

    # -- the run -----------------------------------------------------------------------
    def run(self) -> Iterator[Event]:
        yield self._started()
        self.report_due = time.perf_counter() + self.job.report_every
        yield from self.look(at_once=True)
        while self.epoch < self.epochs and not self.control.stop_asked:
            if self.control.pause_asked:
                yield from self._pause()
                continue
            left = self.data.steps_per_epoch - self.batch
            self.burst(min(left, self.ledger.room, self._most_steps()), self._next_due())
            ended = self.batch == self.data.steps_per_epoch
            if ended or time.perf_counter() >= self.report_due:
                yield from self.report()
            else:
                self.read()
            if ended:
                yield from self._end_epoch()
            yield from self.look()
            yield from self._checkpoint_if_due()
            if time.perf_counter() >= self.keep_due:
                self.capture()  # to come back to, should a loss not be finite
        yield from self._finish()

    def _started(self) -> Started:
        return Started(
            step=self.step,
            epoch=self.epoch,
            steps_per_epoch=self.data.steps_per_epoch,
            epochs=self.epochs,
            samples=self.data.data.samples,
            batch_size=self.data.size,
            device=str(self.device),
            threads=self.threads,
            seed=self.recipe.seed,
        )

    def _most_steps(self) -> int:
        return MOST_STEPS if self.job.report_every > 0 else 1

    def _next_due(self) -> float:
        due = [time.perf_counter() + BURST, self.report_due, self.checkpoint_due]
        if self.control.request is not None:
            due.append(self.look_due)
        return min(due)

    def read(self) -> None:
        """Take what the steps left on the device; raises where a loss is not finite."""
        read = self.ledger.read(self.sums)
        self.unreported.extend(zip(read.values, read.rates, strict=True))
        self.unreported_samples += read.samples
        if not read.finite:
            raise trouble.NotFiniteError(self.reported + len(self.unreported) + 1, read.worst)

    def report(self) -> Iterator[Event]:
        """The losses since the last report."""
        self.read()
        yield from self.told()

    def told(self) -> Iterator[Event]:
        """The losses that were read and not yet told."""
        now = time.perf_counter()
        if self.unreported:
            values, rates = zip(*self.unreported, strict=True)
            speed = self.unreported_samples / self.busy if self.busy > 0 else 0.0
            changing = rates if min(rates) < max(rates) else ()
            yield Losses(self.reported + 1, values, rates[-1], speed, changing)
            self.reported += len(values)
        self.unreported, self.unreported_samples, self.busy = [], 0, 0.0
        self.report_due = now + self.job.report_every

    def next_epoch(self) -> None:
        """Count the epoch as done."""
        self.finished_sums, self.sums = self.sums, Sums()
        self.last_train = self.finished_sums.metrics(self.labels)
        self.epoch, self.batch = self.epoch + 1, 0

    def _end_epoch(self) -> Iterator[Event]:
        self.next_epoch()
        if self.last_train is None:
            raise TrainingError("An epoch ended without a step.")
        self.last_validation = measure(self.compiled, self.validation)
        now = time.perf_counter()
        seconds, self.epoch_began = now - self.epoch_began, now
        yield EpochEnded(self.epoch, self.step, self.last_train, self.last_validation, self.rate, seconds)
        yield from self.look(at_once=True)

    def _pause(self) -> Iterator[Event]:
        """Wait until told to go on or stop; pictures are still made, states still given."""
        control = self.control
        yield from self.report()
        yield Checkpoint(self.capture())
        yield Paused(self.step)
        began = time.perf_counter()
        if self.looker is not None:  # units stay where they are while they learn; now they may be ordered anew
            self.looker.rerank()
            self.looked = None
            yield from self.look(at_once=True)
        while control.pause_asked and not control.stop_asked:
            yield from self.look()
            if control.checkpoint_asked:
                yield from self._checkpoint_if_due()
            control.wake.wait(LOOK_SELDOM)
            control.wake.clear()
        if not control.stop_asked:
            self.epoch_began += time.perf_counter() - began
            self.report_due = time.perf_counter() + self.job.report_every
            yield Resumed(self.step)

    def _checkpoint_if_due(self) -> Iterator[Event]:
        if self.control.checkpoint_asked or time.perf_counter() >= self.checkpoint_due:
            self.control.checkpoint_asked = False
            yield Checkpoint(self.capture())
            self.checkpoint_due = time.perf_counter() + self.job.checkpoint_every

    def _finish(self) -> Iterator[Event]:
        """The test part is measured only here, when the last epoch is done: nothing can be chosen on it."""
        stopped = self.epoch < self.epochs
        yield from self.report()
        yield Checkpoint(self.capture())
        yield from self.look(at_once=True)
        test = None
        if not stopped:
            if self.last_validation is None:  # nothing was left to train
                self.last_validation = measure(self.compiled, self.validation)
            test = evaluate(self.compiled, self.job.dataset.arrays("test"), str(self.device))
        yield Finished(
            self.epoch,
            self.step,
            stopped,
            self.last_train,
            self.last_validation,
            test,
            cpu_seconds=time.process_time() - self.cpu,
            wall_seconds=time.perf_counter() - self.wall,
        )

    # -- states ------------------------------------------------------------------------
    def capture(self) -> TrainingState:
        """The state after the steps done, as a value; raises where a weight is not finite, so a state never holds
        one. It is kept in memory too, to come back to."""
        began = time.perf_counter()
        self.read()
        state = TrainingState(
            step=self.step,
            epoch=self.epoch,
            batch=self.batch,
            seed=self.recipe.seed,
            threads=self.threads,
            device=str(self.device),
            weights=checkpoint.weights(self.compiled),
            optimizer=checkpoint.optimizer_state(self.optimizer, self.keys),
            random=checkpoint.random_state(self.step_seed),
            partial=(self.sums if self.batch else self.finished_sums).stored(),
        )
        if not all(np.isfinite(state.weights[key]).all() for key in self.keys):
            raise trouble.NotFiniteError(self.step + 1, float("nan"), "The weights")
        self.good = state
        now = time.perf_counter()
        self.keep_due = now + max(KEEP_OFTEN, (now - began) / KEEP_SHARE)
        return state

    def restore(self, state: TrainingState) -> None:
        """Be where `state` is. What was noted but not read is forgotten."""
        keys.load(self.compiled, state.weights)
        checkpoint.load_optimizer_state(self.optimizer, self.keys, state.optimizer)
        self.step, self.epoch, self.batch = state.step, state.epoch, state.batch
        sums = Sums.restored(state.partial)
        self.sums, self.finished_sums = (sums, Sums()) if self.batch else (Sums(), sums)
        self.ledger.forget()
        self.setting = None

    # -- pictures ----------------------------------------------------------------------
    def look(self, at_once: bool = False) -> Iterator[Event]:
        """Answer what is asked for, where something is new and the time for it has come."""
        request = self.control.request
        if request is None or self.looked == (request, self.step):
            return
        began = time.perf_counter()
        if began < self.look_due and not at_once:
            return
        look = self._answered(request)
        self.looked = (request, self.step)
        now = time.perf_counter()
        self.look_due = now + min(max((now - began) / LOOK_SHARE, LOOK_OFTEN), LOOK_SELDOM)
        yield Looked(look)

    def _answered(self, request: Request) -> Look:
        """A picture that cannot be made says why in its place; it does not end the training."""
        position = self.epoch + self.batch / self.data.steps_per_epoch
        try:
            if self.looker is None:
                self.looker = Looker(self.compiled, self.job.dataset, self.job.design.graph)
            return self.looker.answer(self.compiled, request, step=self.step, epoch=position)
        except Exception as error:
            why = f"This picture could not be made: {error}"
            nothing = np.zeros((0, 0, 0), np.float32)
            pictures = (Picture(view, nothing, (), 0, 0.0, 0.0, False, problem=why) for view in request.views)
            return Look(request, self.step, position, tuple(pictures))
