"""What a first start shows: templates, recent projects, and a tour that is done, not read."""
