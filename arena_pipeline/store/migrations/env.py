"""Alembic's entry: runs the revisions on the connection that `store.migrate` hands over."""

from alembic import context

from arena_pipeline.store.migrate import VERSION_TABLE
from arena_pipeline.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    target_metadata=Base.metadata,
    user_module_prefix="types.",
)
context.run_migrations()
