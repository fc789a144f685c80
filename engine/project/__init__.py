"""One .strata file: design, runs, weights, history and pictures. The format is specified in FORMAT.md beside this."""
