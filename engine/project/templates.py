"""The designs a project can start from, built with the same edits that a person makes.

Ids are the same each time, so that one seed gives the same initial weights in every project made from a template.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.errors import UnknownName
from engine.graph import edits
from engine.graph.design import DataChoice, Design, Place
from engine.graph.frozen import Frozen
from engine.graph.model import Value, Wire
from engine.graph.recipe import Named, Recipe

# Nodes are 152 wide and up to 152 high; rows wrap as text does.
COLUMN, ROW, COLUMNS = 214.0, 190.0, 4
BELOW_A_VECTOR = 134.0  # where a small node finds room under a node of 118

# One layer of a chain: kind, label, parameters.
Step = tuple[str, str, dict[str, Value]]


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    name: str
    title: str
    summary: str


def names() -> list[TemplateInfo]:
    return [info for info, _build in _TEMPLATES.values()]


def load(name: str) -> Design:
    """The design called `name`; UnknownName with the nearest where there is none."""
    if name not in _TEMPLATES:
        raise UnknownName("template", name, _TEMPLATES)
    return _TEMPLATES[name][1]()


def place_of(index: int) -> Place:
    """Where the node number `index` of a chain stands."""
    return (index % COLUMNS) * COLUMN, (index // COLUMNS) * ROW


def classifier(steps: list[Step]) -> Design:
    """A chain from the data's input to logits, cross-entropy and the class it is to find.

    The last step gives the logits; the target stands under it, as a second entry of the loss.
    """
    design = Design()
    ids: list[str] = []
    for kind, label, parameters in [*steps, ("CrossEntropyLoss", "cross_entropy", {})]:
        design = _add(design, kind, label, place_of(len(ids)), parameters)
        if ids:
            design = edits.connect(design, Wire(ids[-1], f"node_{label}"))
        ids.append(f"node_{label}")
    column, row = design.places[ids[-2]]
    design = _add(design, "Target", "target", (column, row + BELOW_A_VECTOR), {})
    return edits.connect(design, Wire("node_target", ids[-1], "target"))


def _add(design: Design, kind: str, label: str, place: Place, parameters: dict[str, Value]) -> Design:
    added, _node = edits.add_node(
        design, kind, place, label=label, parameters=parameters, node_id=f"node_{label}", layer_id=f"layer_{label}"
    )
    return added


def _lenet() -> Design:
    design = classifier(
        [
            ("Input", "input", {"shape": (1, 28, 28)}),
            ("Conv2d", "conv1", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
            ("ReLU", "relu1", {}),
            ("MaxPool2d", "pool1", {"kernel_size": 2}),
            ("Conv2d", "conv2", {"out_channels": 16, "kernel_size": 5}),
            ("ReLU", "relu2", {}),
            ("MaxPool2d", "pool2", {"kernel_size": 2}),
            ("Flatten", "flatten", {}),
            ("Linear", "fc1", {"out_features": 120}),
            ("ReLU", "relu3", {}),
            ("Linear", "fc2", {"out_features": 84}),
            ("ReLU", "relu4", {}),
            ("Linear", "logits", {"out_features": 10}),
        ]
    )
    rate = Frozen[str, Value]({"max_lr": 3e-3})
    recipe = Recipe(
        optimizer=Named("Adam", Frozen({"lr": 3e-3})), schedule=Named("OneCycleLR", rate), epochs=10, batch_size=128
    )
    return replace(design, recipe=recipe)


def _cnn_digits() -> Design:
    design = classifier(
        [
            ("Input", "input", {}),
            ("Conv2d", "conv1", {"out_channels": 16, "kernel_size": 3, "padding": 1}),
            ("ReLU", "relu1", {}),
            ("Conv2d", "conv2", {"out_channels": 32, "kernel_size": 3, "padding": 1}),
            ("ReLU", "relu2", {}),
            ("MaxPool2d", "pool1", {"kernel_size": 2}),
            ("Flatten", "flatten", {}),
            ("Linear", "fc1", {"out_features": 64}),
            ("ReLU", "relu3", {}),
            ("Linear", "logits", {"out_features": 10}),
        ]
    )
    return replace(design, data=DataChoice("digits"), recipe=_one_cycle(5e-3, epochs=20))


def _mlp_digits() -> Design:
    """Sizes, dropout and epochs were chosen by five-fold cross-validation within the training part."""
    design = classifier(
        [
            ("Input", "input", {}),
            ("Flatten", "flatten", {}),
            ("Linear", "fc1", {"out_features": 256}),
            ("ReLU", "relu1", {}),
            ("Dropout", "drop1", {"p": 0.4}),
            ("Linear", "fc2", {"out_features": 128}),
            ("ReLU", "relu2", {}),
            ("Dropout", "drop2", {"p": 0.4}),
            ("Linear", "logits", {"out_features": 10}),
        ]
    )
    return replace(design, data=DataChoice("digits"), recipe=_one_cycle(5e-3, epochs=40))


def _blank() -> Design:
    return Design(data=DataChoice("digits"))


def _one_cycle(rate: float, *, epochs: int, batch_size: int = 32) -> Recipe:
    """Adam with a rate that rises to `rate` and falls to nearly nothing over the horizon."""
    schedule = Named("OneCycleLR", Frozen({"max_lr": rate}))
    return Recipe(
        optimizer=Named("Adam", Frozen({"lr": rate})), schedule=schedule, epochs=epochs, batch_size=batch_size
    )


_TEMPLATES: dict[str, tuple[TemplateInfo, Callable[[], Design]]] = {
    info.name: (info, build)
    for info, build in (
        (
            TemplateInfo("lenet", "LeNet", "Two convolutions and three linear layers for 28×28 images, as MNIST."),
            _lenet,
        ),
        (
            TemplateInfo(
                "cnn-digits", "Convolutions on digits", "A small convolutional network for the built-in 8×8 digits."
            ),
            _cnn_digits,
        ),
        (
            TemplateInfo(
                "mlp-digits",
                "Perceptron on digits",
                "Two hidden layers of rectified units for the built-in 8×8 digits.",
            ),
            _mlp_digits,
        ),
        (TemplateInfo("blank", "Blank", "An empty canvas; the built-in digits are chosen as data."), _blank),
    )
}
