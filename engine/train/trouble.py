"""What went wrong in a run, and at which layer it began.

Nothing watches the layers while training goes well. When a loss turns out not to be finite, or a step raises, the run
goes back to the latest sound state in memory and takes the same steps again (they repeat to the bit), now with a look
at gradients and weights after each, and finally walks the failing step node by node.
"""

from __future__ import annotations

import math
import statistics
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from engine.check.report import NodePath
from engine.compile import keys
from engine.compile.compiler import Compiled
from engine.errors import StrataError
from engine.graph.labels import told_apart
from engine.numbers import thousands
from engine.observe.paths import spot
from engine.train import machine
from engine.train.events import Checkpoint, Event, Failed, TrainingState

if TYPE_CHECKING:
    from engine.train.loop import Training

GROWTH_TOLD = 10.0  # growth of gradients worth telling, and over how many steps it is watched
GROWTH_STEPS = 20
DIVERGED = 10.0  # a loss so many times the usual: the weights were of no use any more


class NotFiniteError(Exception):
    """The loss of `step` (counted from 1), or the weights it would use, are not finite."""

    def __init__(self, step: int, value: float, subject: str = "Loss"):
        super().__init__(f"{subject}: {value} at step {step}")
        self.step, self.value, self.subject = step, value, subject


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as texts. `step` is where a loss was found not to be finite (0: something was raised)."""

    what: str
    why: str
    details: str
    step: int = 0
    value: float = 0.0
    subject: str = ""
    memory: bool = False


def of(error: Exception) -> Trouble:
    details = "".join(traceback.format_exception(error))
    if isinstance(error, NotFiniteError):
        return Trouble("", "", "", error.step, error.value, error.subject)
    if isinstance(error, StrataError):
        return Trouble("Training cannot go on.", str(error), details)
    if is_memory(error):
        return Trouble("", "", details, memory=True)
    lines = str(error).strip().splitlines()
    return Trouble("", _sentence(lines[0] if lines else type(error).__name__), details)


def is_memory(error: Exception) -> bool:
    """Out of memory: on a GPU, or on the CPU where torch says so in words only."""
    words = str(error).lower()
    told = "can't allocate memory" in words or "not enough memory" in words or "out of memory" in words
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (isinstance(error, RuntimeError) and told)


def explained(training: Training | None, trouble: Trouble) -> Iterator[Event]:
    """The losses up to there, the last good state, and where it began."""
    if training is None or training.good is None:
        yield _not_begun(trouble)
        return
    try:
        training.read()
    except NotFiniteError as error:  # it was under way already when something else was raised
        trouble = of(error)
    except Exception:  # the device may be gone
        pass
    yield from training.told()
    step = trouble.step or training.step + 1
    try:
        origin = _find(training, step)
    except Exception:  # the device may be gone: what is known must do
        origin = Origin(training.good)
    yield Checkpoint(origin.state)
    yield _failed(training, trouble, origin, step)


def _not_begun(trouble: Trouble) -> Failed:
    if trouble.memory:
        why = "Use smaller batches, or a smaller network."
        return Failed("There is not enough memory to begin.", why, 0, details=trouble.details)
    why = trouble.why or f"{trouble.subject or 'Loss'}: there were numbers that are not finite before the first step."
    return Failed("Training could not begin.", why, 0, details=trouble.details)


@dataclass(frozen=True, slots=True)
class Origin:
    """`state` is the one before the step in which it began; `path` the node, `seen` a sentence about it."""

    state: TrainingState
    seen: str = ""
    path: NodePath = ()
    raised: str = ""
    growth: str = ""
    entered: bool = False  # the numbers came in with the samples


def _find(training: Training, step: int) -> Origin:
    """Go back to the latest good state and forward again, looking closely, until step `step` at most."""
    assert training.good is not None
    before = training.good
    training.restore(before)
    sound, watch = before, _Watch()
    while training.step < step:
        if training.batch == training.data.steps_per_epoch:
            training.next_epoch()
        before = training.capture()
        found = _closely(training, watch)
        if found is not None:
            growth = _growth(training, watch.norms)
            return replace(found, state=before if found.raised else sound, growth=growth)
        if watch.losses[-1] <= DIVERGED * statistics.median(watch.losses[:-1] or watch.losses):
            sound = before
    return Origin(before)


@dataclass
class _Watch:
    """Of each step taken again: its loss, and the norm of each parameter's gradient."""

    losses: list[float] = field(default_factory=list[float])
    norms: list[list[float]] = field(default_factory=list[list[float]])


def _closely(training: Training, watch: _Watch) -> Origin | None:
    """One step of training with its eyes open; None where nothing is wrong with it."""
    state = training.good
    assert state is not None
    arguments = training.prepare()
    try:
        total, losses, predictions = training.forward(*arguments)
    except Exception:
        return _walk(training, state)
    if not math.isfinite(total.item()):
        return _walk(training, state)
    total.backward()
    gradients = [(key, p.grad) for key, p in zip(training.keys, training.parameters, strict=True) if p.grad is not None]
    watch.losses.append(total.item())
    watch.norms.append([float(gradient.norm()) for _, gradient in gradients])
    bad = [key for key, gradient in gradients if not gradient.isfinite().all()]
    if bad:  # gradients flow from the loss back: the last layer in the order of computation was the first
        path = _last(training.compiled, bad)
        name = label(training.compiled, path)
        return Origin(state, f"The gradients of {name} were the first numbers that were not finite.", path)
    training.optimizer.step()
    bad = [k for k, p in zip(training.keys, training.parameters, strict=True) if not p.detach().isfinite().all()]
    if bad:
        path = _last(training.compiled, bad)
        name = label(training.compiled, path)
        return Origin(state, f"The update of {name} made its weights not finite; its gradients still were.", path)
    training.done(total, losses, predictions, arguments)
    return None


def _walk(training: Training, state: TrainingState) -> Origin:
    """The step after `state`, node by node, up to the first that raises or gives a number that is not finite."""
    training.restore(state)  # the first try has already moved the statistics of batch norm
    walker = _Walker(training.module)
    arguments = training.prepare()
    raised = ""
    try:
        with torch.no_grad(), machine.drawing(training.step_seed, training.device):
            walker.run(*arguments)
    except _FoundError:
        pass
    except Exception as error:
        lines = str(error).strip().splitlines()
        raised = lines[0] if lines else type(error).__name__
    else:
        return Origin(state)
    path = path_of(training.compiled, walker.at)
    name = label(training.compiled, path)
    if raised:
        return Origin(state, "", path, raised)
    if walker.at is not None and walker.at.op == "placeholder":
        return Origin(state, f"The samples that enter at {name} hold numbers that are not finite.", path, entered=True)
    return Origin(state, f"The output of {name} was the first that was not finite.", path)


class _FoundError(Exception):
    pass


class _Walker(torch.fx.Interpreter):
    at: torch.fx.Node | None = None

    def run_node(self, n: torch.fx.Node) -> Any:
        self.at = n if n.op != "output" else self.at
        result = super().run_node(n)
        if n.op != "output" and not _finite(result):
            raise _FoundError
        return result


def _finite(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return not value.is_floating_point() or bool(value.isfinite().all())
    return all(_finite(v) for v in value) if isinstance(value, tuple | list) else True


def path_of(compiled: Compiled, node: torch.fx.Node | None) -> NodePath:
    """The design's node that an fx node computes; sums of losses and picks belong to what they are made of."""
    while node is not None and node.name not in compiled.paths:
        if node.op == "placeholder":
            return next((path for (path, _), name in compiled.taps.items() if name == node.name), ())
        node = node.all_input_nodes[0] if node.all_input_nodes else None
    return compiled.paths[node.name] if node is not None else ()


def label(compiled: Compiled, path: NodePath) -> str:
    """What a person calls the node; inside blocks with the labels of the blocks around it (‘block1 2 / conv1’)."""
    names: list[str] = []
    for end in range(1, len(path) + 1, 2):
        found = spot(compiled.design.graph, path[:end])
        names.append(told_apart(found.graph)[found.node.id] if found else path[end - 1])
        if end < len(path):
            names[-1] += f" {int(path[end]) + 1}"
    return " / ".join(names) or "the network"


def _last(compiled: Compiled, bad: list[str]) -> NodePath:
    """Of the layers with these keys, the node that is computed last."""
    own = keys.parameters(compiled)
    modules = {name for path, name in compiled.names.items() if any(k.startswith(f"{path}.") and k in own for k in bad)}
    nodes = [n for n in compiled.module.graph.nodes if n.op == "call_module" and n.target in modules]
    return compiled.paths.get(nodes[-1].name, ()) if nodes else ()


def _growth(training: Training, norms: list[list[float]]) -> str:
    """A sentence about the gradient that grew most within the last steps, where one grew much."""
    recent = [row for row in norms[-GROWTH_STEPS - 1 :] if len(row) == len(norms[-1]) and all(map(math.isfinite, row))]
    if len(recent) < 2:
        return ""
    ratios = [end / start if start > 0 else 1.0 for start, end in zip(recent[0], recent[-1], strict=True)]
    worst = max(range(len(ratios)), key=ratios.__getitem__)
    if not GROWTH_TOLD <= ratios[worst] < math.inf:
        return ""
    name = label(training.compiled, _last(training.compiled, [training.keys[worst]]))
    fold = f"{thousands(ratios[worst])}-fold" if ratios[worst] < 1e6 else "more than a million-fold"
    return f"Gradients of {name} grew {fold} within {_steps(len(recent) - 1)}."


def _steps(count: int) -> str:
    return "one step" if count == 1 else f"{thousands(count)} steps"


def _failed(training: Training, trouble: Trouble, origin: Origin, step: int) -> Failed:
    kept = f"The state after step {thousands(origin.state.step)} is kept"
    if trouble.memory:
        what, why = _memory(training)
        return Failed(what, why, step, origin.path, trouble.details)
    if trouble.step:
        what = f"{trouble.subject} became {_word(trouble.value)} at step {thousands(step)}."
        rate = training.rates.at(max(0, origin.state.step)).get("lr", 0.0)
        remedy = f"{kept}: lower the learning rate ({rate:g} there) and go on."
        parts = [origin.seen or "It could not be found out where it began.", origin.growth, remedy]
        why = " ".join(filter(None, parts))
        return Failed(what, why, step, origin.path, trouble.details, diverged=not origin.entered)
    name = label(training.compiled, origin.path)
    at = f"at step {thousands(step)}"
    what = f"{name} failed {at}." if origin.raised else trouble.what or f"Training stopped {at}."
    return Failed(what, f"{_sentence(origin.raised or trouble.why)} {kept}.", step, origin.path, trouble.details)


def _memory(training: Training) -> tuple[str, str]:
    size = training.data.size
    smaller = f"Use batches of {thousands(size // 2)}, or a smaller network." if size > 1 else "Use a smaller network."
    if training.device.type == "cuda":
        free = torch.cuda.mem_get_info(training.device)[0] / 2**30
        why = f"Batches of {thousands(size)} need more than there is ({free:.1f} GB are free). {smaller}"
        return "The GPU ran out of memory.", why
    return "The computer ran out of memory.", f"Batches of {thousands(size)} need more than there is. {smaller}"


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "infinite"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
