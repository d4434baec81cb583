"""One log line per match that was recorded, at level debug: a league has hundreds in a minute."""

from collections.abc import Collection, Iterable

from arena_pipeline.logs import logger
from arena_pipeline.matches.plan import FinishedMatch

_LOG = logger(__name__)


def tell_finished(matches: Iterable[FinishedMatch], recorded: Collection[str]) -> None:
    """Write a line for each of `matches` whose uuid is among `recorded`."""
    if not _LOG.tells_all:
        return
    known = set(recorded)
    for match in matches:
        if match.uuid in known:
            _LOG.debug(
                "match finished",
                uuid=match.uuid,
                config=match.plan.config.name,
                purpose=match.plan.purpose,
                agents=[entrant.name for entrant in match.plan.entrants],
                results=[str(player.result) for player in match.outcome.players],
                rounds=len(match.steps),
                ended_by=match.outcome.ended_by,
                seconds=_seconds(match),
            )


def _seconds(match: FinishedMatch) -> float | None:
    if match.started_at is None or match.ended_at is None:
        return None
    return round((match.ended_at - match.started_at).total_seconds(), 3)
