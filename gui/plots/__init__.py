"""Curves and feature maps."""
