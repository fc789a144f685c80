"""The graph on the screen: one layer painted from arrays, one overlay for what is being dragged."""
