"""Looking without touching: every view is a question about a snapshot, answered by a picture."""
