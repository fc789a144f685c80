"""Keys: which ones are in force, how they are changed and shown."""
