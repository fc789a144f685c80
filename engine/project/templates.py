"""The designs a project can start from, built with the same edits that a person makes.

Ids are the same each time, so that one seed gives the same initial weights in every project made from a template.
Sizes, rates and epochs were chosen on validation parts, never on the test part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.errors import UnknownName
from engine.graph.design import DataChoice, Design
from engine.graph.frozen import Frozen
from engine.graph.recipe import Named, Recipe
from engine.project.residual import resnet
from engine.project.sketch import BELOW_A_FIELD, Part, at, built, chain, judged


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    name: str
    title: str
    summary: str


FIRST = "cnn-digits"  # what a first start lays out and the demonstration trains: no download, done in seconds


def names() -> list[TemplateInfo]:
    return [info for info, _build in _TEMPLATES.values()]


def load(name: str) -> Design:
    """The design called `name`; UnknownName with the nearest where there is none."""
    if name not in _TEMPLATES:
        raise UnknownName("template", name, _TEMPLATES)
    return _TEMPLATES[name][1]()


def _one_cycle(rate: float, *, epochs: int, batch_size: int = 32) -> Recipe:
    """Adam with a rate that rises to `rate` and falls to nearly nothing over the horizon."""
    schedule = Named("OneCycleLR", Frozen({"max_lr": rate}))
    return Recipe(
        optimizer=Named("Adam", Frozen({"lr": rate})), schedule=schedule, epochs=epochs, batch_size=batch_size
    )


# -- images -------------------------------------------------------------------------------------------------------
def _lenet() -> Design:
    design = chain(
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
    return replace(design, data=DataChoice("strokes"), recipe=_one_cycle(3e-3, epochs=10, batch_size=128))


def _resnet_shapes() -> Design:
    design = resnet(classes=8, width=16)
    return replace(design, data=DataChoice("shapes"), recipe=_one_cycle(1e-2, epochs=8))


def _cnn_digits() -> Design:
    design = chain(
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
    design = chain(
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


# -- points, letters, series --------------------------------------------------------------------------------------
def _mlp_spirals() -> Design:
    design = chain(
        [
            ("Input", "input", {}),
            ("Linear", "fc1", {"out_features": 24}),
            ("Tanh", "tanh1", {}),
            ("Linear", "fc2", {"out_features": 24}),
            ("Tanh", "tanh2", {}),
            ("Linear", "logits", {"out_features": 2}),
        ],
        below=BELOW_A_FIELD,
    )
    return replace(design, data=DataChoice("spirals"), recipe=_one_cycle(2e-2, epochs=40))


def _char_lstm() -> Design:
    design = chain(
        [
            ("Input", "input", {}),
            ("Embedding", "embedding", {"num_embeddings": 29, "embedding_dim": 16}),
            ("LSTM", "lstm", {"hidden_size": 96}),
            ("Linear", "logits", {"out_features": 29}),
            ("Permute", "classes_first", {}),
        ]
    )
    return replace(design, data=DataChoice("grammar"), recipe=_one_cycle(1e-2, epochs=10))


def _sequence_gru() -> Design:
    """Only what the recurrent layer remembers at the end is judged."""
    parts = [
        Part("Input", "input", at(0, 0)),
        Part("GRU", "gru", at(1, 0), ("input",), {"hidden_size": 32}),
        Part("Linear", "logits", at(2, 0), ("gru.hidden",), {"out_features": 4}),
    ]
    design = judged(built(parts), "logits", at(3, 0))
    return replace(design, data=DataChoice("sequences"), recipe=_one_cycle(1e-2, epochs=15))


def _blank() -> Design:
    return Design(data=DataChoice("digits"))


_TEMPLATES: dict[str, tuple[TemplateInfo, Callable[[], Design]]] = {
    name: (TemplateInfo(name, title, summary), build)
    for name, title, summary, build in (
        (
            "lenet",
            "LeNet",
            "Two convolutions and three linear layers for 28×28 images: drawn stroke digits, or MNIST.",
            _lenet,
        ),
        (
            "cnn-digits",
            "Convolutions on digits",
            "A small convolutional network for the built-in 8×8 digits.",
            _cnn_digits,
        ),
        (
            "mlp-digits",
            "Perceptron on digits",
            "Two hidden layers of rectified units for the built-in 8×8 digits.",
            _mlp_digits,
        ),
        (
            "mlp-spirals",
            "Perceptron on spirals",
            "Two hidden layers that part two wound spirals in the plane: every unit's view can be drawn.",
            _mlp_spirals,
        ),
        (
            "resnet-8",
            "ResNet-8 on shapes",
            "Three residual blocks, skips and all, that name drawn coloured shapes among clutter.",
            _resnet_shapes,
        ),
        (
            "char-lstm",
            "Letters with an LSTM",
            "A recurrent network that reads a text of a small grammar and says the next letter.",
            _char_lstm,
        ),
        (
            "sequence-gru",
            "Waves with a GRU",
            "A recurrent network that tells four kinds of noisy wave apart.",
            _sequence_gru,
        ),
        ("blank", "Blank", "An empty canvas; the built-in digits are chosen as data.", _blank),
    )
}
