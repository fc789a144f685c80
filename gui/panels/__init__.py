"""Docks around the canvas: they read the Document and ask it for changes; they do not know each other."""
