"""A made-up file as a match of the store, by the recorder and without the import around it."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import update

from arena_pipeline.games.protocol import Seat
from arena_pipeline.importers.snakebench.game import PlayedGame
from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.replaying.examining import Examined, examine
from arena_pipeline.matches import replay
from arena_pipeline.matches.configs import digest_of, ensure_config
from arena_pipeline.matches.plan import ConfigRef, Entrant, FinishedMatch, MatchPlan, Origin
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Purpose


def store_file(store: Store, recorder: Recorder, content: bytes) -> str:
    """Read, examine and record a file; the uuid of the match."""
    game = read_game(content)
    examined = examine(game)
    digest = hashlib.sha256(content).hexdigest()
    settings = examined.settings
    config = ensure_config(store, f"made-{digest_of(settings)[:8]}", "snake", settings)
    recorder.record([finished(game, examined, digest, config)])
    with store.write() as connection:
        connection.execute(
            update(Match)
            .where(Match.uuid == game.game_id)
            .values(
                verification=examined.verification,
                source_digest=digest,
                info={"detail": examined.detail},
            )
        )
    return game.game_id


def document_of(content: bytes) -> dict[str, Any]:
    """The replay document that a file becomes."""
    game = read_game(content)
    return document_of_examined(content, game, examine(game))


def document_of_examined(content: bytes, game: PlayedGame, examined: Examined) -> dict[str, Any]:
    """The replay document of a file that was examined before."""
    config = ConfigRef(0, "made", "snake", examined.settings)
    match = finished(game, examined, hashlib.sha256(content).hexdigest(), config)
    return replay.unpack(replay.seal(match).content, "made")


def finished(game: PlayedGame, examined: Examined, digest: str, config: ConfigRef) -> FinishedMatch:
    """An examined game as a match ready to be recorded."""
    return FinishedMatch(
        MatchPlan(
            config,
            tuple(Entrant(seat.name) for seat in game.seats),
            seed=None,
            rule_version=examined.rule_version,
            purpose=Purpose.IMPORT,
            uuid=game.game_id,
        ),
        (Seat(),) * len(game.seats),
        examined.initial,
        examined.steps,
        examined.outcome,
        _moment(game.started_text),
        _moment(game.ended_text),
        draws=examined.draws,
        start=examined.initial,
        origin=Origin(game.layout.value, digest),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
