"""From a document's bytes to rows of the store and a sealed replay, without a database.

What belongs here: which published number goes into which column, and what is flagged. Reading the
layouts, playing them again, times and costs are the business of the modules named for them.
"""

import pickle
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from arena_pipeline.games.protocol import Seat
from arena_pipeline.importers.snakebench.facts.costs import usd, why_unknown
from arena_pipeline.importers.snakebench.facts.placeholders import is_placeholder
from arena_pipeline.importers.snakebench.facts.times import moment
from arena_pipeline.importers.snakebench.game import PlayedGame, PlayedSeat
from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.recording.choosing import worth
from arena_pipeline.importers.snakebench.recording.configs import ConfigNames
from arena_pipeline.importers.snakebench.recording.prepared import Prepared, Version
from arena_pipeline.importers.snakebench.replaying.examining import Examined, examine
from arena_pipeline.matches import replay
from arena_pipeline.matches.plan import ConfigRef, Entrant, FinishedMatch, MatchPlan, Origin
from arena_pipeline.matches.rows import Columns, MatchRows, check_storable, match_rows
from arena_pipeline.store.tables import Purpose
from arena_pipeline.store.types import clean_text

SYSTEM = "snakebench"
GAME = "snake"

ONLY_HEADER = "only its header was published"


def prepare(path: str, digest: str, content: bytes, names: ConfigNames) -> Version:
    """The match in a document. `digest` is the SHA-256 (hex) of `content`, `path` where it lay.

    Raises NotAGame, BadGame, GameError, RecordingError or ReplayError.
    """
    game = read_game(content)
    examined = examine(game)
    match = _finished(game, examined, digest, names)
    check_storable(match)
    sealed = None if game.initial is None else replay.seal(match)
    rows = match_rows(match, sealed)
    seats = _seats(game, rows)
    told = worth(game, examined.verification)
    cost = _sum_known([seat["cost"] for seat in seats])
    prepared = Prepared(
        config=match.plan.config.name,
        settings=dict(match.plan.config.settings),
        match={**rows.match, **_source(game, examined, path, digest, told), "cost": cost},
        seats=seats,
        replay=sealed,
    )
    return Version(
        path=path,
        digest=digest,
        layout=game.layout,
        worth=told,
        uuid=game.game_id,
        ended_text=clean_text(game.ended_text or ""),
        names=tuple(seat["name"] for seat in seats),
        config=prepared.config,
        verification=examined.verification,
        detail=examined.detail,
        flags=tuple(told for seat in seats for told in (*seat["flags"], *seat["faults"])),
        packed=pickle.dumps(prepared, pickle.HIGHEST_PROTOCOL),
    )


def _finished(
    game: PlayedGame, examined: Examined, digest: str, names: ConfigNames
) -> FinishedMatch:
    started = _moment(game.started_text)
    ended = _moment(game.ended_text, not_before=started)
    settings = dict(examined.settings)
    plan = MatchPlan(
        config=ConfigRef(0, names.name_of(settings), GAME, settings),
        entrants=tuple(Entrant(clean_text(seat.name)) for seat in game.seats),
        seed=None,
        rule_version=examined.rule_version,
        purpose=Purpose.IMPORT,
        uuid=game.game_id,
    )
    return FinishedMatch(
        plan,
        (Seat(),) * len(game.seats),
        examined.initial,
        tuple(examined.steps),
        examined.outcome,
        started,
        ended,
        draws=tuple(examined.draws),
        origin=Origin(game.layout.value, digest),
        start=examined.initial,
    )


def _moment(text: str | None, **how: Any) -> Any:
    try:
        return moment(text, **how)
    except ValueError:
        return None


def _source(
    game: PlayedGame, examined: Examined, path: str, digest: str, told: Sequence[int]
) -> Columns:
    info: dict[str, Any] = {
        "import": SYSTEM,
        "layout": game.layout.value,
        "game_type": game.game_type,
        "actual_rounds": game.actual_rounds,
        "max_rounds": game.max_rounds,
        "completeness": list(told),
    }
    if examined.detail is not None:
        info["detail"] = examined.detail
    missing = {}
    if game.initial is None:
        missing = {"replay_missing": ONLY_HEADER, "rounds": game.actual_rounds}
    return {
        "source_path": path,
        "source_digest": digest,
        "started_at_text": game.started_text,
        "ended_at_text": game.ended_text,
        "verification": examined.verification,
        "replay_missing": None,
        "info": info,
        **missing,
    }


def _seats(game: PlayedGame, rows: MatchRows) -> tuple[Columns, ...]:
    """Rows of participants, what only the file's totals tell filled in and flagged."""
    names = [seat.name for seat in game.seats]
    filled = []
    for slot, (seat, row) in enumerate(zip(game.seats, rows.seats, strict=True)):
        raw = [turn.moves[slot].cost for turn in game.turns if slot in turn.moves]
        flags = _flags(seat, row, raw, is_twice=names.count(seat.name) > 1)
        filled.append({**row, **_totals(seat, row, flags), "flags": flags})
    return tuple(filled)


def _flags(
    seat: PlayedSeat, row: Mapping[str, Any], raw_costs: Sequence[float | None], *, is_twice: bool
) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if is_placeholder(seat.name):
        flags["placeholder"] = True
    if is_twice:
        flags["self_play"] = True
    tokens = (
        _known_first(row["input_tokens"], seat.input_tokens),
        _known_first(row["output_tokens"], seat.output_tokens),
    )
    if tokens == (0, 0):
        flags["zero_tokens"] = True
    told = (seat.cost, *raw_costs, None if row["cost"] is None else float(row["cost"]))
    why = next((reason for raw in told if (reason := why_unknown(raw))), None)
    if why is not None:
        flags["cost_unknown"] = why
    return flags


def _totals(seat: PlayedSeat, row: Mapping[str, Any], flags: Mapping[str, Any]) -> Columns:
    """Tokens and cost: from the turns, else from the file's totals.

    Totals of zero where no turn says anything were written for games whose tokens nobody counted:
    they are unknown, and so is a cost of zero beside them.
    """
    input_tokens = _known_first(row["input_tokens"], seat.input_tokens or None)
    output_tokens = _known_first(row["output_tokens"], seat.output_tokens or None)
    cost = _known_first(row["cost"], usd(seat.cost) or None)
    if cost is None and input_tokens is not None:
        cost = usd(seat.cost)
    if "cost_unknown" in flags:
        cost = None
    return {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost": cost}


def _known_first(first: Any, second: Any) -> Any:
    return second if first is None else first


def _sum_known(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if known else None
