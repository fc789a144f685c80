"""Ctrl+K: any command, layer or setting by a few letters of its name."""
