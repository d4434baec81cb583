"""Whether what held a placement up still does: looked at each time somebody looks for work, so that
no run is started only to find that nothing has changed.
"""

from datetime import datetime

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.evaluation.callees import NoCallee, calling_agents, need_of
from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.evaluation.holding import kind_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

LOOKED_AT = frozenset(
    {
        RefusalKind.BUDGET, RefusalKind.QUOTA, RefusalKind.CIRCUIT, RefusalKind.STOPPED,
        RefusalKind.NO_PRICE,
    }
)  # fmt: skip
"""What can be looked at without a match; the rest is tried."""

MOST = 20
"""How many are looked at each time; each takes some indexed queries."""


def still_held_up(
    store: Store,
    settings: Settings,
    ground: Ground,
    agent_id: int,
    evaluation_id: int,
    error: str | None,
    now: datetime,
) -> str | None:
    """Why an agent's own seat can't be had now; None if it can, or if that has to be tried.

    `error` is what held the placement up. A writing transaction, since the accounts that are looked
    at are held meanwhile; it changes nothing that anybody sees.
    """
    from arena_pipeline.calls.starting import may_start

    if kind_of(error or "") not in LOOKED_AT:
        return None
    try:
        with store.write() as connection:
            agents = calling_agents(connection, [agent_id])
            needs = [need_of(connection, one, ground.config.id, 0) for one in agents.values()]
            refused = may_start(store, connection, settings, needs, evaluation_id, now)
    except NoCallee as missing:
        return str(missing)
    return None if refused is None else f"{refused.kind}: {refused.detail}"
