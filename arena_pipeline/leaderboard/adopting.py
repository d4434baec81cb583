"""Ladders that an earlier version of the arena made, brought to how they are made now."""

from sqlalchemy import select, update

from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.leaderboard.recompute import Recomputed, recompute_within, tell_rebuilt
from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Ladder

_LOG = logger(__name__)
_BY = By("arena", "the default ladder ranks models; who has none stands for itself")


def rank_models(store: Store) -> Recomputed | None:
    """Let the default ladder rank models where it still ranks agents; None where it did already.

    Somebody without a model keeps its alias as its name there, and so its rating. Its digest chain,
    which seals its rules too, begins anew as a new epoch if matches are rated. One transaction,
    written to the audit; safe to repeat and beside others.
    """
    agents = (
        Ladder.name == DEFAULT_LADDER,
        Ladder.is_default,
        Ladder.competitor == CompetitorKind.AGENT,
    )
    with store.read() as connection:
        if connection.scalar(select(Ladder.id).where(*agents)) is None:
            return None
    with store.write() as connection:
        changed = connection.execute(
            update(Ladder).where(*agents).values(competitor=CompetitorKind.MODEL.value)
        )
        if not changed.rowcount:
            return None
        done = recompute_within(connection, DEFAULT_LADDER)
        write_audit(
            connection,
            _BY,
            "rank models",
            SubjectKind.LADDER,
            DEFAULT_LADDER,
            before={"competitor": CompetitorKind.AGENT.value},
            after={"competitor": CompetitorKind.MODEL.value, "epoch": done.epoch},
        )
    _LOG.info("ladder ranks models", ladder=DEFAULT_LADDER, epoch=done.epoch)
    tell_rebuilt(done)
    return done
