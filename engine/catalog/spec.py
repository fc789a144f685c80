"""The typed row of a layer, optimiser or schedule. Form, check, compile, palette and file read it. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.graph.model import Value

# The editor a parameter gets. `ints` is a tuple with one entry per spatial axis (or a single int for all of them), or
# one of the words in `choices` (‘same’; None where torch takes None for ‘as the kernel’); `shape` is a tuple of any
# length, `floats` one of `axes` numbers; `optional_int` and `optional_float` also take None.
ParameterType = Literal[
    "int", "float", "bool", "choice", "ints", "text", "optional_int", "optional_float", "shape", "floats"
]

# Bounds are inclusive; these stand for ‘above 0’ and ‘below 1’.
ABOVE_0, BELOW_1 = 1e-12, 1 - 1e-12

# What kind of tensor a port takes: floating numbers, indices (int64), or anything.
Accepts = Literal["float", "index", "any"]

FAMILIES = (
    "Input / Data",
    "Linear",
    "Convolution",
    "Pooling",
    "Normalisation",
    "Activation",
    "Recurrent",
    "Attention",
    "Shape",
    "Merge",
    "Regularisation",
    "Loss",
    "Blocks",
)


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One argument of a constructor.

    `required` arguments have no default of torch's own; `default` is then Strata's. `filled` arguments follow from the
    incoming shape (in_channels …) and are never asked for. `choices` are all values of a `choice`, and the words that
    an `ints` parameter takes besides numbers. `axes` is how many numbers an `ints` or `floats` parameter has.
    `essential` parameters are shown on the node. `minimum` and `maximum` are inclusive and hold for every number of a
    tuple; a text with a minimum may not be empty.
    """

    name: str
    type: ParameterType
    title: str
    default: Value
    help: str = ""
    choices: tuple[Value, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    axes: int = 1
    required: bool = False
    filled: bool = False
    essential: bool = False


@dataclass(frozen=True, slots=True)
class PortSpec:
    """An input or output. A `variadic` port takes any number of wires (at least two), in wire order; an `optional`
    one may stay empty."""

    name: str
    title: str
    accepts: Accepts = "any"
    variadic: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """What a kind of layer is.

    `fills` maps a constructor argument to the axis of the first input whose size it takes (counted with the batch
    axis: 1 is the channel axis of an image, -1 the features of a vector; `normalized_shape` takes all axes from 1).
    `fills_from` names the port where that is not the first one; an optional port without a wire fills nothing.
    `batch_axis` is where the batch stands, or None where inference must find out. `unrolls_time` says that meta
    inference costs a step of Python per time step. `stochastic` layers draw random numbers in training.
    `ranks` are the numbers of axes, without the batch, that the inputs may have; empty: any. (torch itself takes an
    input with an axis less for a single sample, and would mix the samples of a batch.)
    """

    kind: str
    family: str
    title: str
    summary: str
    help: str
    parameters: tuple[ParameterSpec, ...]
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...]
    fills: tuple[tuple[str, int], ...] = ()
    has_weights: bool = False
    is_loss: bool = False
    stochastic: bool = False
    unrolls_time: bool = False
    batch_axis: int | None = 0
    fills_from: tuple[tuple[str, str], ...] = ()
    ranks: tuple[int, ...] = ()

    def parameter(self, name: str) -> ParameterSpec | None:
        return next((p for p in self.parameters if p.name == name), None)

    def port_that_fills(self, name: str) -> str:
        """The input port whose shape gives the argument `name`."""
        return dict(self.fills_from).get(name, self.inputs[0].name)

    def input(self, name: str) -> PortSpec | None:
        return next((p for p in self.inputs if p.name == name), None)

    def output(self, name: str) -> PortSpec | None:
        return next((p for p in self.outputs if p.name == name), None)


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """An optimiser or a learning-rate schedule: a class of torch.optim with its arguments.

    Arguments that follow from the run (params, optimizer, total_steps, T_max …) are `filled`. `per` says whether a
    schedule steps each batch or each epoch.
    """

    name: str
    summary: str
    parameters: tuple[ParameterSpec, ...]
    per: Literal["step", "epoch"] = "step"

    def parameter(self, name: str) -> ParameterSpec | None:
        return next((p for p in self.parameters if p.name == name), None)
