"""One row a layer: what no signature tells. Names, defaults, types and help come from torch itself (introspect.py).

To offer another class of torch.nn, add its row, run `python -m engine.catalog.generate`, and the tests take it from
there. No torch here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.catalog.spec import ABOVE_0, Accepts, ParameterType, PortSpec
from engine.graph.model import Value


@dataclass(frozen=True, slots=True)
class Argument:
    """What is to be known of an argument besides its signature. `default` counts only where it is given."""

    title: str = ""
    default: Value = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Value, ...] = ()
    type: ParameterType | None = None
    axes: int = 0
    help: str = ""
    has_default: bool = False

    def with_default(self, value: Value) -> Argument:
        return replace(self, default=value, has_default=True)


@dataclass(frozen=True, slots=True)
class Row:
    """`arguments` overrides ARGUMENTS for this class; `own` are parameters that torch does not have; `hidden` are not
    offered; `fixed` are given to the constructor and not asked for. The rest is as in LayerSpec."""

    kind: str
    summary: str
    essentials: tuple[str, ...] = ()
    fills: tuple[tuple[str, int], ...] = ()
    ranks: tuple[int, ...] = ()
    arguments: Mapping[str, Argument] = field(default_factory=dict[str, Argument])
    inputs: tuple[PortSpec, ...] = (PortSpec("input", "Input", "float"),)
    outputs: tuple[PortSpec, ...] = (PortSpec("output", "Output"),)
    hidden: tuple[str, ...] = ()
    fixed: Mapping[str, Value] = field(default_factory=dict[str, Value])
    own: tuple[str, ...] = ()
    fills_from: tuple[tuple[str, str], ...] = ()
    stochastic: bool = False
    unrolls_time: bool = False


def _size(default: int | None = None, *, least: int = 1, most: int = 1_000_000, title: str = "") -> Argument:
    """A count that cannot be zero, nor so large that it can only be a slip."""
    found = Argument(title=title, minimum=least, maximum=most)
    return found if default is None else found.with_default(default)


def _share(default: float | None = None, title: str = "") -> Argument:
    """A number from 0 to 1."""
    found = Argument(title=title, minimum=0, maximum=1)
    return found if default is None else found.with_default(default)


POSITIVE = Argument(minimum=ABOVE_0)
NOT_NEGATIVE = Argument(minimum=0)
# Axes of a batch that a person may name: 0 is the batch itself, and mixing samples is never meant.
AXIS = Argument(title="Axis", type="choice", choices=(1, 2, 3, 4, -1)).with_default(1)

# Never offered: where numbers live, what torch has given up, and what would change what comes out.
HIDDEN = frozenset([
    "device", "dtype", "inplace", "size_average", "reduce", "reduction", "return_indices", "weight",
    "pos_weight", "_weight", "_freeze", "_random_samples", "sparse", "min_value", "max_value",
    "recompute_scale_factor", "batch_first", "args", "kwargs",
])  # fmt: skip

# What holds for an argument of this name in every class.
ARGUMENTS: dict[str, Argument] = {
    "out_channels": _size(8, title="Filters"),
    "out_features": _size(64, most=10_000_000, title="Units"),
    "kernel_size": _size(3, most=10_000),
    "stride": _size(most=10_000),
    "padding": _size(least=0, most=10_000),
    "output_padding": _size(least=0, most=10_000),
    "dilation": _size(most=10_000),
    "groups": _size(),
    "output_size": _size(1, most=100_000),
    "size": _size(5, most=100_000),
    "divisor_override": _size(),
    "normalized_shape": Argument(type="shape", minimum=1),
    "num_parameters": _size(),
    "num_groups": _size(4, title="Groups"),
    "eps": Argument(title="Epsilon", minimum=0, maximum=1),
    "momentum": _share(),
    "p": _share(title="p"),
    "dropout": _share(),
    "num_embeddings": _size(1000, most=100_000_000),
    "embedding_dim": _size(64),
    "max_norm": POSITIVE,
    "norm_type": POSITIVE.with_default(2.0),
    "hidden_size": _size(64, title="Units"),
    "num_layers": _size(most=1000, title="Layers"),
    "proj_size": _size(least=0),
    "nonlinearity": Argument(choices=("tanh", "relu")),
    "num_heads": replace(_size(4, most=10_000, title="Heads"), type="int"),
    "nhead": _size(4, most=10_000, title="Heads"),
    "dim_feedforward": _size(title="Hidden features"),
    "layer_norm_eps": Argument(title="Epsilon", minimum=0, maximum=1),
    "activation": Argument(type="choice", choices=("relu", "gelu")).with_default("relu"),
    "upscale_factor": _size(2, most=1000),
    "downscale_factor": _size(2, most=1000),
    "start_dim": Argument(title="First axis", minimum=1, maximum=10),
    "end_dim": Argument(title="Last axis", minimum=-10, maximum=10),
    "dim": AXIS,
    "approximate": Argument(choices=("none", "tanh")),
    "lambd": NOT_NEGATIVE,
    "label_smoothing": _share(),
    "margin": NOT_NEGATIVE,
    "k": NOT_NEGATIVE,
    "num_classes": _size(),
}

ANY: Accepts = "any"
ANYTHING = (PortSpec("input", "Input", "any"),)
SEVERAL = (PortSpec("input", "Inputs", "any", variadic=True),)
INDICES = (PortSpec("input", "Indices", "index"),)
TWO = (PortSpec("input1", "Input 1", "float"), PortSpec("input2", "Input 2", "float"))
FIRST_CHANNELS = (("in_channels", 1),)
NUM_FEATURES = (("num_features", 1),)
KERNEL = ("kernel_size", "stride", "padding")
POOL = ("kernel_size", "stride")
HALF = {"kernel_size": _size(2, most=10_000)}
EVERY_AXIS = {"fills": (("normalized_shape", 1),), "own": ("last_axes",)}
RECURRENT = {
    "fills": (("input_size", -1),),
    "ranks": (2,),
    "essentials": ("hidden_size", "num_layers"),
    "fixed": {"batch_first": True},
    "stochastic": True,
    "unrolls_time": True,
}
CELL = {"fills": (("input_size", -1),), "ranks": (1,), "essentials": ("hidden_size",)}
STEP = (PortSpec("input", "Input", "float"), PortSpec("state", "State", "float", optional=True))
STATE = (PortSpec("output", "Output"), PortSpec("hidden", "Last state"))
ZEROS_ONLY = ("padding_mode",)


def _judges(target: Accepts, prediction: str = "Prediction") -> tuple[PortSpec, ...]:
    return (PortSpec("input", prediction, "float"), PortSpec("target", "Target", target))


TO_NUMBERS, TO_CLASSES = _judges("float"), _judges("index", "Scores")
UPSAMPLING = {
    "size": Argument(type="optional_int", minimum=1, maximum=100_000).with_default(None),
    "scale_factor": Argument(type="optional_float", minimum=1e-3, maximum=1000).with_default(2.0),
    "mode": Argument(choices=("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear")),
    "align_corners": Argument(type="choice", choices=(None, False, True)),
}


def _pad(axes: int) -> dict[str, Argument]:
    """Two numbers an axis, the last axis first, as torch has it."""
    return {
        "padding": replace(_size(1, least=0, most=10_000), axes=2 * axes),
        "value": Argument().with_default(0.0),
    }


def _fractional(axes: int) -> dict[str, Argument]:
    return {
        "kernel_size": _size(2, most=10_000),
        "output_size": replace(_size(most=100_000), choices=(None,), axes=axes).with_default(None),
        "output_ratio": Argument(type="optional_float", minimum=0.01, maximum=0.99).with_default(0.5),
    }


# Of two arguments that exclude each other the first one wins where it is set.
INSTEAD = {
    "Upsample": ("size", "scale_factor"),
    "FractionalMaxPool2d": ("output_size", "output_ratio"),
    "FractionalMaxPool3d": ("output_size", "output_ratio"),
}

TABLE: dict[str, tuple[Row, ...]] = {
    "Input / Data": (
        Row("Input", "what the network sees", inputs=(), arguments={"shape": Argument(minimum=1, maximum=10**9)}),
        Row("Target", "what it should answer", inputs=()),
        Row("Output", "a named result", inputs=ANYTHING, outputs=()),
    ),
    "Linear": (
        Row("Linear", "every input to every unit", ("out_features", "bias"), (("in_features", -1),)),
        Row("Bilinear", "products of two inputs", ("out_features",),
            (("in1_features", -1), ("in2_features", -1)), inputs=TWO, fills_from=(("in2_features", "input2"),)),
        Row("Embedding", "a learned vector per index", ("num_embeddings", "embedding_dim"), inputs=INDICES,
            arguments={"padding_idx": Argument()}),
        Row("EmbeddingBag", "the mean of learned vectors", ("num_embeddings", "embedding_dim", "mode"), inputs=INDICES,
            ranks=(1,), hidden=("include_last_offset", "scale_grad_by_freq"),
            arguments={"padding_idx": Argument(), "mode": Argument(choices=("mean", "sum", "max"))}),
    ),
    "Convolution": (
        Row("Conv2d", "k×k filters, learned", ("out_channels", *KERNEL), FIRST_CHANNELS, (3,)),
        Row("ConvTranspose2d", "learned upsampling", ("out_channels", *KERNEL), FIRST_CHANNELS, (3,),
            hidden=ZEROS_ONLY),
        Row("Conv1d", "sequences, audio", ("out_channels", *KERNEL), FIRST_CHANNELS, (2,)),
        Row("ConvTranspose1d", "learned upsampling, 1-D", ("out_channels", *KERNEL), FIRST_CHANNELS, (2,),
            hidden=ZEROS_ONLY),
        Row("Conv3d", "volumes, video", ("out_channels", *KERNEL), FIRST_CHANNELS, (4,)),
        Row("ConvTranspose3d", "learned upsampling, 3-D", ("out_channels", *KERNEL), FIRST_CHANNELS, (4,),
            hidden=ZEROS_ONLY),
        Row("Unfold", "patches as columns", KERNEL, ranks=(3,),
            arguments={name: replace(ARGUMENTS[name], axes=2) for name in (*KERNEL, "dilation")}),
        Row("Fold", "columns as patches", ("output_size", *KERNEL), ranks=(2,),
            arguments={"output_size": replace(_size(8, most=100_000), axes=2)}
            | {name: replace(ARGUMENTS[name], axes=2) for name in (*KERNEL, "dilation")}),
    ),
    "Pooling": (
        Row("MaxPool2d", "the largest of a window", POOL, ranks=(3,), arguments=HALF),
        Row("AvgPool2d", "the mean of a window", POOL, ranks=(3,), arguments=HALF),
        Row("AdaptiveAvgPool2d", "means to a given size", ("output_size",), ranks=(3,)),
        Row("AdaptiveMaxPool2d", "maxima to a given size", ("output_size",), ranks=(3,)),
        Row("LPPool2d", "the p-norm of a window", ("norm_type", *POOL), ranks=(3,), arguments=HALF),
        Row("FractionalMaxPool2d", "random windows, any ratio", ("kernel_size", "output_ratio"), ranks=(3,),
            arguments=_fractional(2), stochastic=True),
        Row("MaxPool1d", "the largest of a window, 1-D", POOL, ranks=(2,), arguments=HALF),
        Row("AvgPool1d", "the mean of a window, 1-D", POOL, ranks=(2,), arguments=HALF),
        Row("AdaptiveAvgPool1d", "means to a given length", ("output_size",), ranks=(2,)),
        Row("AdaptiveMaxPool1d", "maxima to a given length", ("output_size",), ranks=(2,)),
        Row("LPPool1d", "the p-norm of a window, 1-D", ("norm_type", *POOL), ranks=(2,), arguments=HALF),
        Row("MaxPool3d", "the largest of a window, 3-D", POOL, ranks=(4,), arguments=HALF),
        Row("AvgPool3d", "the mean of a window, 3-D", POOL, ranks=(4,), arguments=HALF),
        Row("AdaptiveAvgPool3d", "means to a given size, 3-D", ("output_size",), ranks=(4,)),
        Row("AdaptiveMaxPool3d", "maxima to a given size, 3-D", ("output_size",), ranks=(4,)),
        Row("LPPool3d", "the p-norm of a window, 3-D", ("norm_type", *POOL), ranks=(4,), arguments=HALF),
        Row("FractionalMaxPool3d", "random windows, 3-D", ("kernel_size", "output_ratio"), ranks=(4,),
            arguments=_fractional(3), stochastic=True),
        *(Row(f"MaxUnpool{axes}d", f"back to where maxima stood, {axes}-D", POOL, ranks=(axes + 1,), arguments=HALF,
              inputs=(PortSpec("input", "Input", "float"), PortSpec("pooled", "What was pooled", "float")))
          for axes in (2, 1, 3)),
    ),
    "Normalisation": (
        Row("BatchNorm2d", "per channel, over the batch", ("momentum",), NUM_FEATURES, (3,)),
        Row("BatchNorm1d", "per feature, over the batch", ("momentum",), NUM_FEATURES, (1, 2)),
        Row("BatchNorm3d", "per channel, volumes", ("momentum",), NUM_FEATURES, (4,)),
        Row("LayerNorm", "over the features of a sample", **EVERY_AXIS),
        Row("RMSNorm", "by the root mean square", **EVERY_AXIS,
            arguments={"eps": Argument(title="Epsilon", type="optional_float", minimum=0, maximum=1)}),
        Row("GroupNorm", "over groups of channels", ("num_groups",), (("num_channels", 1),)),
        Row("InstanceNorm2d", "per channel and sample", ("affine",), NUM_FEATURES, (3,)),
        Row("InstanceNorm1d", "per channel and sample, 1-D", ("affine",), NUM_FEATURES, (2,)),
        Row("InstanceNorm3d", "per channel and sample, 3-D", ("affine",), NUM_FEATURES, (4,)),
        Row("LocalResponseNorm", "across neighbour channels", ("size",), ranks=(2, 3, 4)),
    ),
    "Activation": (
        Row("ReLU", "max(0, x)"),
        Row("LeakyReLU", "a small slope below 0", ("negative_slope",)),
        Row("PReLU", "a learned slope below 0", ("init",)),
        Row("RReLU", "a random slope below 0", ("lower", "upper"), stochastic=True),
        Row("ReLU6", "min(max(0, x), 6)"),
        Row("GELU", "x · Φ(x)", ("approximate",)),
        Row("SiLU", "x · sigmoid(x)"),
        Row("Mish", "x · tanh(softplus(x))"),
        Row("ELU", "exponential below 0", ("alpha",)),
        Row("CELU", "smooth ELU", ("alpha",), arguments={"alpha": POSITIVE}),
        Row("SELU", "self-normalising ELU"),
        Row("Sigmoid", "1 / (1 + e⁻ˣ)"),
        Row("LogSigmoid", "log sigmoid(x)"),
        Row("Hardsigmoid", "sigmoid in three pieces"),
        Row("Hardswish", "x · hardsigmoid(x)"),
        Row("Tanh", "from −1 to 1"),
        Row("Tanhshrink", "x − tanh(x)"),
        Row("Hardtanh", "cut at both ends", ("min_val", "max_val")),
        Row("Softplus", "smooth ReLU", ("beta",), arguments={"beta": POSITIVE}),
        Row("Softsign", "x / (1 + |x|)"),
        Row("Softshrink", "towards 0 by λ", ("lambd",)),
        Row("Hardshrink", "0 where |x| < λ", ("lambd",)),
        Row("Threshold", "a constant below a limit", ("threshold", "value"),
            arguments={"threshold": Argument().with_default(0.0), "value": Argument().with_default(0.0)}),
        Row("Softmax", "shares that sum to 1", ("dim",)),
        Row("LogSoftmax", "log of softmax", ("dim",)),
        Row("Softmin", "softmax of −x", ("dim",)),
        Row("Softmax2d", "softmax over channels", ranks=(3,)),
        Row("GLU", "one half gates the other", ("dim",), arguments={"dim": replace(AXIS, default=-1)}),
    ),
    "Recurrent": (
        Row("LSTM", "long short-term memory", **RECURRENT, outputs=(*STATE, PortSpec("cell", "Last cell"))),
        Row("GRU", "gated recurrent unit", **RECURRENT, outputs=STATE, hidden=("proj_size",)),
        Row("RNN", "plain recurrence", **RECURRENT, outputs=STATE, hidden=("proj_size",)),
        Row("LSTMCell", "one step of an LSTM", **CELL, inputs=(*STEP, PortSpec("cell", "Cell", "float", optional=True)),
            outputs=(PortSpec("output", "State"), PortSpec("cell", "Cell"))),
        Row("GRUCell", "one step of a GRU", **CELL, inputs=STEP),
        Row("RNNCell", "one step of a recurrence", **CELL, inputs=STEP),
    ),
    "Attention": (
        Row("MultiheadAttention", "queries look up keys", ("num_heads", "dropout"),
            (("embed_dim", -1), ("kdim", -1), ("vdim", -1)), (2,), stochastic=True, fixed={"batch_first": True},
            fills_from=(("kdim", "key"), ("vdim", "value")),
            inputs=(PortSpec("query", "Query", "float"), PortSpec("key", "Key", "float", optional=True),
                    PortSpec("value", "Value", "float", optional=True)),
            outputs=(PortSpec("output", "Output"), PortSpec("weights", "Attention weights"))),
        Row("TransformerEncoderLayer", "attention, then two linear layers", ("nhead", "dim_feedforward"),
            (("d_model", -1),), (2,), stochastic=True, fixed={"batch_first": True}),
        Row("TransformerDecoderLayer", "attends to itself and a memory", ("nhead", "dim_feedforward"),
            (("d_model", -1),), (2,), stochastic=True, fixed={"batch_first": True},
            inputs=(PortSpec("input", "Input", "float"), PortSpec("memory", "Memory", "float"))),
    ),
    "Shape": (
        Row("Flatten", "all axes into one", inputs=ANYTHING),
        Row("Unflatten", "one axis into several", ("dim", "unflattened_size"), inputs=ANYTHING,
            arguments={"unflattened_size": Argument(type="shape", minimum=-1, maximum=10**9).with_default((2, -1))}),
        Row("Reshape", "the same numbers, other axes", ("shape",), inputs=ANYTHING,
            arguments={"shape": Argument(minimum=-1, maximum=10**9)}),
        Row("Permute", "axes in another order", ("dims",), inputs=ANYTHING,
            arguments={"dims": Argument(title="Order of axes", minimum=1, maximum=10)}),
        Row("Identity", "passes on what comes", inputs=ANYTHING),
        Row("Upsample", "larger by interpolation", ("scale_factor", "mode"), ranks=(2, 3, 4), arguments=UPSAMPLING),
        Row("PixelShuffle", "channels into pixels", ("upscale_factor",), ranks=(3,)),
        Row("PixelUnshuffle", "pixels into channels", ("downscale_factor",), ranks=(3,)),
        Row("ChannelShuffle", "mixes groups of channels", ("groups",), ranks=(2, 3, 4),
            arguments={"groups": _size(2)}),
        *(Row(f"{name}{axes}d", f"{how}, {axes}-D", ("padding",), ranks=(axes + 1,), arguments=_pad(axes))
          for name, how in (("ZeroPad", "zeros around"), ("ConstantPad", "a constant around"),
                            ("ReflectionPad", "mirrored around"), ("ReplicationPad", "edges repeated"),
                            ("CircularPad", "wrapped around"))
          for axes in (2, 1, 3)),
    ),
    "Merge": (
        Row("Add", "the sum, as in a skip", inputs=SEVERAL),
        Row("Multiply", "the product, as in a gate", inputs=SEVERAL),
        Row("Concat", "one after another", ("dim",), inputs=SEVERAL),
        Row("CosineSimilarity", "cosine of two inputs", ("dim",), inputs=TWO),
        Row("PairwiseDistance", "distance of two vectors", ("p",), inputs=TWO,
            arguments={"p": POSITIVE}, hidden=("keepdim",)),
    ),
    "Regularisation": (
        Row("Dropout", "zeroes numbers at random", ("p",), inputs=(PortSpec("input", "Input", "float"),),
            stochastic=True),
        Row("Dropout2d", "zeroes channels at random", ("p",), ranks=(3,), stochastic=True),
        Row("Dropout1d", "zeroes channels, 1-D", ("p",), ranks=(2,), stochastic=True),
        Row("Dropout3d", "zeroes channels, 3-D", ("p",), ranks=(4,), stochastic=True),
        Row("AlphaDropout", "dropout for SELU", ("p",), stochastic=True),
        Row("FeatureAlphaDropout", "channel dropout for SELU", ("p",), ranks=(2, 3, 4), stochastic=True),
    ),
    "Loss": (
        Row("CrossEntropyLoss", "scores against a class", ("label_smoothing",), inputs=TO_CLASSES),
        Row("NLLLoss", "log shares against a class", inputs=TO_CLASSES),
        Row("BCEWithLogitsLoss", "scores against yes or no", inputs=TO_NUMBERS),
        Row("BCELoss", "shares against yes or no", inputs=TO_NUMBERS),
        Row("MSELoss", "mean squared error", inputs=TO_NUMBERS),
        Row("L1Loss", "mean absolute error", inputs=TO_NUMBERS),
        Row("SmoothL1Loss", "squared near 0, else absolute", ("beta",), inputs=TO_NUMBERS,
            arguments={"beta": NOT_NEGATIVE}),
        Row("HuberLoss", "squared near 0, else linear", ("delta",), inputs=TO_NUMBERS, arguments={"delta": POSITIVE}),
        Row("KLDivLoss", "divergence of log shares", ("log_target",), inputs=_judges("float", "Log shares"),
            fixed={"reduction": "batchmean"}),
        Row("PoissonNLLLoss", "counts", ("log_input",), inputs=TO_NUMBERS),
        Row("GaussianNLLLoss", "a mean and its variance", ("full",),
            inputs=(*TO_NUMBERS, PortSpec("var", "Variance", "float"))),
        Row("MultiMarginLoss", "margin between classes", ("margin",), inputs=TO_CLASSES,
            arguments={"p": Argument(title="p", type="choice", choices=(1, 2))}),
        Row("MultiLabelMarginLoss", "margin, several classes", inputs=TO_CLASSES),
        Row("MultiLabelSoftMarginLoss", "yes or no for each class", inputs=TO_NUMBERS),
        Row("SoftMarginLoss", "scores against ±1", inputs=TO_NUMBERS),
        Row("HingeEmbeddingLoss", "distances against ±1", ("margin",), inputs=TO_NUMBERS),
        Row("CosineEmbeddingLoss", "alike or not, by angle", ("margin",),
            arguments={"margin": Argument(minimum=-1, maximum=1)},
            inputs=(*TWO, PortSpec("target", "Target", "float"))),
        Row("MarginRankingLoss", "which of two ranks higher", ("margin",),
            inputs=(*TWO, PortSpec("target", "Target", "float"))),
        Row("TripletMarginLoss", "near one, far from another", ("margin",), arguments={"p": POSITIVE},
            inputs=(PortSpec("anchor", "Anchor", "float"), PortSpec("positive", "Positive", "float"),
                    PortSpec("negative", "Negative", "float"))),
    ),
}  # fmt: skip
ROWS: dict[str, Row] = {row.kind: row for rows in TABLE.values() for row in rows}
