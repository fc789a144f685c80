"""Reusable widgets in the house's look. They know the theme and no document."""
