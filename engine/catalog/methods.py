"""One row an optimiser or schedule of torch.optim: what its signature does not tell. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.catalog.spec import ABOVE_0, BELOW_1
from engine.catalog.table import Argument


@dataclass(frozen=True, slots=True)
class MethodRow:
    """`filled` arguments follow from the run: how many steps or epochs it has."""

    name: str
    summary: str
    essentials: tuple[str, ...] = ("lr",)
    filled: tuple[str, ...] = ()
    per: Literal["step", "epoch"] = "step"
    arguments: Mapping[str, Argument] = field(default_factory=dict[str, Argument])


# What the run decides, how torch computes inside, and what needs a function.
HIDDEN = frozenset([
    "params", "optimizer", "last_epoch", "epochs", "steps_per_epoch", "foreach", "fused", "maximize",
    "differentiable", "capturable", "scale_fn", "scale_mode",
])  # fmt: skip

SHARE = Argument(minimum=0, maximum=1)
NOT_NEGATIVE = Argument(minimum=0)
COUNT = Argument(minimum=1, maximum=1_000_000_000)

ARGUMENTS: dict[str, Argument] = {
    "lr": Argument(title="Learning rate", minimum=0, maximum=1e6, help="How far a step goes."),
    "betas": Argument(minimum=0, maximum=BELOW_1),
    "eps": Argument(title="Epsilon", minimum=0, maximum=1),
    "weight_decay": NOT_NEGATIVE,
    "momentum": SHARE,
    "dampening": SHARE,
    "rho": SHARE,
    "lr_decay": Argument(title="Rate decay", minimum=0),
    "initial_accumulator_value": NOT_NEGATIVE,
    "momentum_decay": NOT_NEGATIVE,
    "lambd": Argument(title="Lambda", minimum=0),
    "etas": NOT_NEGATIVE,
    "step_sizes": NOT_NEGATIVE,
    "d": Argument(title="Clipping threshold", minimum=1),
    "beta2_decay": Argument(maximum=0),
    "total_steps": COUNT,
    "total_iters": COUNT,
    "T_max": COUNT.with_default(10),
    "T_0": replace(COUNT, title="First period").with_default(10),
    "T_mult": replace(COUNT, title="Period factor"),
    "step_size": COUNT.with_default(10),
    "step_size_up": COUNT,
    "step_size_down": COUNT,
    "milestones": Argument(type="shape", minimum=1, maximum=1_000_000_000).with_default((5, 8)),
    "gamma": Argument(minimum=0, maximum=10, help="What the rate is multiplied by.").with_default(0.95),
    "factor": Argument(minimum=ABOVE_0, maximum=1),
    "start_factor": Argument(minimum=ABOVE_0, maximum=1),
    "end_factor": SHARE,
    "eta_min": Argument(title="Lowest rate", minimum=0),
    "power": NOT_NEGATIVE,
    "pct_start": Argument(title="Rising share", minimum=0, maximum=1),
    "div_factor": Argument(minimum=ABOVE_0),
    "final_div_factor": Argument(minimum=ABOVE_0),
    "base_momentum": SHARE,
    "max_momentum": SHARE,
    "base_lr": Argument(title="Lowest rate", minimum=0, maximum=1e6).with_default(1e-4),
    "max_lr": Argument(
        title="Highest rate",
        type="optional_float",
        minimum=0,
        maximum=1e6,
        help="The largest learning rate; none: the optimiser's own.",
    ),
}

# LBFGS wants to call the network several times a step, SparseAdam sparse gradients, Muon matrices only.
OPTIMIZERS: tuple[MethodRow, ...] = (
    MethodRow("Adam", "a rate for each weight"),
    MethodRow("AdamW", "Adam, weights decay apart", ("lr", "weight_decay")),
    MethodRow("SGD", "plain steps, with momentum", ("lr", "momentum")),
    MethodRow("RMSprop", "steps by recent size", ("lr", "alpha"), arguments={"alpha": SHARE}),
    MethodRow("NAdam", "Adam that looks ahead"),
    MethodRow("RAdam", "Adam, careful at the start"),
    MethodRow("Adamax", "Adam by the largest gradient"),
    MethodRow("Adagrad", "steps by all past gradients"),
    MethodRow("Adadelta", "steps by recent changes"),
    MethodRow("Adafactor", "Adam with little memory", arguments={"eps": Argument(type="text")}),
    MethodRow("ASGD", "mean of past weights"),
    MethodRow("Rprop", "signs only; whole batches"),
)

# The others need functions, other schedules, or a metric: then the rate would not follow from the step alone.
SCHEDULES: tuple[MethodRow, ...] = (
    MethodRow("OneCycleLR", "up, then down to nearly nothing", ("max_lr", "pct_start"), ("total_steps",)),
    MethodRow("CosineAnnealingLR", "half a cosine down", ("eta_min",), ("T_max",)),
    MethodRow("CosineAnnealingWarmRestarts", "cosines that start again", ("T_0",), per="epoch"),
    MethodRow("StepLR", "down every few epochs", ("step_size", "gamma"), per="epoch"),
    MethodRow("MultiStepLR", "down at given epochs", ("milestones", "gamma"), per="epoch"),
    MethodRow("ExponentialLR", "down by a factor an epoch", ("gamma",), per="epoch"),
    MethodRow("LinearLR", "a straight warm-up", ("start_factor", "total_iters"), per="epoch"),
    MethodRow("ConstantLR", "smaller for the first epochs", ("factor", "total_iters"), per="epoch"),
    MethodRow("PolynomialLR", "down along a power", ("power",), ("total_iters",)),
    MethodRow("CyclicLR", "up and down again and again", ("base_lr", "max_lr"),
              arguments={"mode": Argument(choices=("triangular", "triangular2", "exp_range"))}),
)  # fmt: skip
