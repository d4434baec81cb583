"""History of other arenas coming in: its asset and checks."""
