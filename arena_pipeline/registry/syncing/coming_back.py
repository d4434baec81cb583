"""Models that were taken out of evaluation until the catalog says something else of them."""

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from arena_pipeline.logs import logger
from arena_pipeline.store.tables import Model

_LOG = logger(__name__)


def take_back(connection: Connection, changed: Collection[int]) -> tuple[str, ...]:
    """Of the models whose rows of the catalog changed, those that were retired until then may be
    evaluated again; names them. To be called in the transaction that writes the catalog.
    """
    resting = select(Model.id, Model.slug).where(Model.retired_until_change)
    back = {row.id: row.slug for row in connection.execute(resting) if row.id in changed}
    if not back:
        return ()
    values = {"retired_at": None, "retired_reason": None, "retired_set_by": None}
    these = update(Model).where(Model.id.in_(back))
    connection.execute(these.values(**values, retired_until_change=False))
    _LOG.info("models are back, the catalog changed", models=sorted(back.values()))
    return tuple(sorted(back.values()))
