"""Icons, fonts, templates, help and the generated catalogue."""
