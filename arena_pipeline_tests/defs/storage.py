"""Dagster's storage in PostgreSQL, as tests name it."""

from arena_pipeline.store.engine import normalise_url


def for_dagster(url: str) -> str:
    """The address of a database as Dagster's storage needs it: with its own driver."""
    address = normalise_url(url).set(drivername="postgresql+psycopg2")
    return address.render_as_string(hide_password=False)
