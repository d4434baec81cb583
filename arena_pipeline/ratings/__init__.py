"""Pure mathematics of ratings: arrays and numbers in, numbers out. No SQL, no Dagster, no files."""
