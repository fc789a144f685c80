"""The look: tokens (every colour, size and font), the theme in force, icons and the style sheet. Knows no document."""
