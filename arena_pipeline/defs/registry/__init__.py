"""The registry: models and agents, brought up to date from catalog and models file."""
