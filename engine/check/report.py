"""What check(design, data spec) found, as a value. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from engine.graph.frozen import Frozen
from engine.graph.model import NodeId, Value
from engine.numbers import sizes

Severity = Literal["error", "warning", "hint"]
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")

# A node inside blocks: ids from the outside in, each repetition of a block as its number:
# ("n1",) at the top; ("n7", "0", "n2") is node n2 in the first repetition of the block that node n7 calls.
NodePath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """The tensor on a wire. `shape` is without the batch axis; `batch_axis` says where it stands (None: the tensor
    has none, as a mean loss). `dtype` as torch names it (‘float32’). Whole numbers from the data are all less than
    `below` (0: not known); no layer's result depends on it, so it does not count where tensors are compared."""

    shape: tuple[int, ...]
    dtype: str = "float32"
    batch_axis: int | None = 0
    below: int = field(default=0, compare=False)

    def text(self) -> str:
        """‘8×14×14’; a class index or a single number is told by its dtype (‘int64’)."""
        return sizes(self.shape) if self.shape else self.dtype


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one node: parameters (shared weights count at the first node that calls them) and multiply-adds a sample."""

    parameters: int = 0
    multiply_adds: int = 0


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy as a value; `engine.check.fixes.apply(fix, design)` gives the mended design. `label` is a verb phrase
    for the button (‘Insert Flatten’)."""

    kind: str
    label: str
    arguments: Frozen[str, Value] = field(default_factory=Frozen[str, Value])

    def naming(self, **arguments: Value) -> Fix:
        """The same remedy with more of what it needs to know."""
        return replace(self, arguments=Frozen({**self.arguments, **arguments}))


@dataclass(frozen=True, slots=True)
class Problem:
    """What, why, what to do. `what` has the node's label as subject; `why` has the actual shapes or numbers.

    `node` is the outermost node where it shows (None: the whole design), `path` the node inside blocks. `code` is
    stable, for tests and the file (‘shape-mismatch’). `details` is the traceback of a failure in training, for whoever
    asks.
    """

    code: str
    severity: Severity
    what: str
    why: str
    node: NodeId | None = None
    port: str | None = None
    parameter: str | None = None
    path: NodePath = ()
    fixes: tuple[Fix, ...] = ()
    blocking: bool = True
    details: str = ""

    @property
    def urgency(self) -> tuple[int, bool]:
        """What problems are sorted by: what keeps the design from training first, hints last."""
        return _SEVERITIES.index(self.severity), not self.blocking

    @property
    def key(self) -> str:
        """What a hint is known by, for a person who never wants to see it again."""
        return "/".join((self.code, *self.path))

    def sentence(self) -> str:
        """All of it in one line, as the terminal prints it."""
        remedy = f" To fix it: {self.fixes[0].label[0].lower()}{self.fixes[0].label[1:]}." if self.fixes else ""
        return f"{self.what} {self.why}{remedy}"


@dataclass(frozen=True, slots=True)
class Report:
    """What is true of a design.

    `outputs` gives the tensor at every output port that could be inferred, keyed by (path, port); `fills` the
    arguments that follow from incoming shapes, by path; `costs` what each layer takes (`cost` sums up blocks too);
    `order` the top-level nodes topologically (nodes in cycles last). `depth` is the longest path of layers with
    weights. `trained` are the top-level nodes that take part in a run (an invalid branch does not).
    """

    outputs: Frozen[tuple[NodePath, str], TensorSpec] = field(default_factory=Frozen[tuple[NodePath, str], TensorSpec])
    fills: Frozen[NodePath, Frozen[str, Value]] = field(default_factory=Frozen[NodePath, Frozen[str, Value]])
    costs: Frozen[NodePath, Cost] = field(default_factory=Frozen[NodePath, Cost])
    problems: tuple[Problem, ...] = ()
    order: tuple[NodeId, ...] = ()
    trained: frozenset[NodeId] = frozenset()
    depth: int = 0
    parameters: int = 0
    multiply_adds: int = 0
    _blocks: dict[NodePath, Cost] = field(init=False, repr=False, compare=False)  # of the nodes that call blocks

    def __post_init__(self) -> None:
        blocks: dict[NodePath, Cost] = {}
        for path, cost in self.costs.items():
            for end in range(1, len(path), 2):  # every node that this one lies in
                known = blocks.get(path[:end], Cost())
                sums = Cost(known.parameters + cost.parameters, known.multiply_adds + cost.multiply_adds)
                blocks[path[:end]] = sums
        object.__setattr__(self, "_blocks", blocks)

    def cost(self, path: NodePath) -> Cost | None:
        """Of one node, or of all that lies in the block that it calls, over all repetitions; None where not known.
        Weights that several nodes share are counted once, at the first of them."""
        return self.costs.get(path) or self._blocks.get(path)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """All errors, also those of branches that take no part in a run."""
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def blocking(self) -> tuple[Problem, ...]:
        """The errors that keep the design from being trained."""
        return tuple(p for p in self.errors if p.blocking)

    @property
    def trainable(self) -> bool:
        """Whether the design can be compiled and trained (errors outside the ancestry of every loss do not hinder)."""
        return not self.blocking

    def output(self, node: NodeId, port: str = "output") -> TensorSpec | None:
        """The tensor at a top-level node's output, or None where it is not known."""
        return self.outputs.get(((node,), port))
