"""Graph + Report -> one straight-line torch.fx module, whose submodule names derive from the labels."""
