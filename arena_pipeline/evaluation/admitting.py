"""Whether a match that calls models may be opened: it must fit by what it is expected to cost."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from arena_pipeline.evaluation.callees import seat_needs
from arena_pipeline.evaluation.holding import HeldUp
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import OnOpen
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


def admitting(store: Store, settings: Settings, plan: MatchPlan) -> OnOpen:
    """What decides within the opening transaction whether there is enough for a match, and sets it
    aside; it raises HeldUp where there is not.
    """
    from arena_pipeline.calls.starting import may_start, set_aside

    def admit(connection: Connection, match_id: int) -> None:
        now = datetime.now(UTC)
        needs = seat_needs(connection, plan)
        refused = may_start(store, connection, settings, needs, plan.evaluation_id, now)
        if refused is not None:
            raise HeldUp.by_refusal(refused, now)
        set_aside(store, connection, match_id, needs, now, settings)

    return admit
