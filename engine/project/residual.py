"""ResNet-8: three residual blocks of two convolutions each, laid out so that the skips can be seen.

He, Zhang, Ren, Sun: Deep residual learning for image recognition, 2015, section 4.2 with n = 1; where the size is
halved the skip is a 1×1 convolution (option B). The first convolution halves the size already: four times as fast.
"""

from __future__ import annotations

from dataclasses import replace

from engine.graph.design import Design, Frame
from engine.graph.model import Value
from engine.project.sketch import COLUMN, ROW, Part, at, built, judged


def resnet(classes: int, width: int) -> Design:
    """Blocks of `width`, 2·`width` and 4·`width` channels. The first convolution and the second and third block halve
    height and width."""
    parts = [
        Part("Input", "input", at(0, 0)),
        Part("Conv2d", "conv0", at(1, 0), ("input",), _convolution(width, 3, 2)),
        Part("BatchNorm2d", "norm0", at(2, 0), ("conv0",)),
        Part("ReLU", "relu0", at(3, 0), ("norm0",)),
    ]
    frames, row = list[Frame](), 1.0
    for number in (1, 2, 3):
        block = _block(number, parts[-1].label, width << (number - 1), 1 if number == 1 else 2, row)
        frames.append(_frame(number, row, block))
        parts += block
        row += 1.25 if number == 1 else 2.25
    parts += [
        Part("AdaptiveAvgPool2d", "mean", at(0, row), (parts[-1].label,)),
        Part("Flatten", "flatten", at(1, row), ("mean",)),
        Part("Linear", "logits", at(2, row), ("flatten",), {"out_features": classes}),
    ]
    return replace(judged(built(parts), "logits", at(3, row)), frames=tuple(frames))


def _block(number: int, before: str, channels: int, stride: int, row: float) -> list[Part]:
    """One block in a row; the skip's convolution, where there is one, stands under it."""
    first, second = f"{number}a", f"{number}b"
    parts = [
        Part("Conv2d", f"conv{first}", at(0, row), (before,), _convolution(channels, 3, stride)),
        Part("BatchNorm2d", f"norm{first}", at(1, row), (f"conv{first}",)),
        Part("ReLU", f"relu{first}", at(2, row), (f"norm{first}",)),
        Part("Conv2d", f"conv{second}", at(3, row), (f"relu{first}",), _convolution(channels, 3, 1)),
        Part("BatchNorm2d", f"norm{second}", at(4, row), (f"conv{second}",)),
    ]
    skip = before
    if stride > 1:
        skip = f"skip_norm{number}"
        parts += [
            Part("Conv2d", f"skip{number}", at(2, row + 1), (before,), _convolution(channels, 1, stride)),
            Part("BatchNorm2d", skip, at(3, row + 1), (f"skip{number}",)),
        ]
    parts += [
        Part("Add", f"add{number}", at(5, row), (f"norm{second}", skip)),
        Part("ReLU", f"relu{second}", at(6, row), (f"add{number}",)),
    ]
    return parts


def _convolution(channels: int, kernel: int, stride: int) -> dict[str, Value]:
    """Without a bias: the normalisation behind it has one."""
    parameters: dict[str, Value] = {"out_channels": channels, "kernel_size": kernel, "bias": False}
    if kernel > 1:
        parameters["padding"] = kernel // 2
    if stride > 1:
        parameters["stride"] = stride
    return parameters


def _frame(number: int, row: float, block: list[Part]) -> Frame:
    rows = 2 if any(part.place[1] > row * ROW for part in block) else 1
    title = f"Residual block {number}"
    return Frame(f"frame_{number}", title, -24.0, row * ROW - 40.0, 7 * COLUMN - 14.0, rows * ROW + 20.0)
