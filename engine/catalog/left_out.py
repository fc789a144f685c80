"""What torch.nn has and is not offered, each with the reason. A test holds that every class is a row or here."""

from __future__ import annotations

_CONTAINER = "it holds modules: here the graph and its blocks do"
_LAZY = "it fills its sizes at the first call: here every layer has them from the shape that arrives"
_BASE = "it is what other classes have in common"
_STACK = "it is made of layer objects: here its layer is put into a block and repeated"
_OLD = "torch has given it up for "

LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(
        ("Container", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"), _CONTAINER
    ),
    **dict.fromkeys((f"LazyBatchNorm{n}d" for n in (1, 2, 3)), _LAZY),
    **dict.fromkeys((f"LazyInstanceNorm{n}d" for n in (1, 2, 3)), _LAZY),
    **dict.fromkeys((f"LazyConv{n}d" for n in (1, 2, 3)), _LAZY),
    **dict.fromkeys((f"LazyConvTranspose{n}d" for n in (1, 2, 3)), _LAZY),
    "LazyLinear": _LAZY,
    **dict.fromkeys(("Module", "RNNBase", "RNNCellBase"), _BASE),
    **dict.fromkeys(("Transformer", "TransformerDecoder", "TransformerEncoder"), _STACK),
    "AdaptiveLogSoftmaxWithLoss": "it is a loss with weights that also predicts; the mechanism of losses has neither",
    "CrossMapLRN2d": "it is LocalResponseNorm over again",
    "CTCLoss": "it needs two lengths of each sample, and the samples of a data set all have one shape",
    "DataParallel": "it spreads a network over devices and computes nothing of its own",
    "LinearCrossEntropyLoss": "it is Linear and CrossEntropyLoss in one, to save memory with very many classes",
    "NLLLoss2d": _OLD + "NLLLoss",
    "SyncBatchNorm": "it is BatchNorm over several processes, and needs them",
    "TripletMarginWithDistanceLoss": "it takes a function of the person's; TripletMarginLoss has a distance",
    "UpsamplingBilinear2d": _OLD + "Upsample",
    "UpsamplingNearest2d": _OLD + "Upsample",
}
