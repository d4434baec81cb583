"""The tests: they mirror `arena_pipeline` one to one, with real databases, files and processes."""
