"""Everything Strata knows: it imports neither Qt nor gui and works without a screen, in a terminal or a notebook."""

__version__ = "0.1.0"
