"""The warehouse in Dagster: its asset and checks."""
