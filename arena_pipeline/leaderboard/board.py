"""The leaderboard of one ladder: who stands where, with the totals behind each rating.

Read from `standings` alone, so that its cost grows with the competitors and not with the matches.
What it looks like as files is in `leaderboard.exports`, as pictures in `leaderboard.charts`.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.matches.ladder_rules import LadderRule, System
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    OPEN_STATES,
    Agent,
    CompetitorKind,
    Evaluation,
    EvaluationState,
    LadderMatch,
    Match,
    Model,
    Standing,
)

INACTIVE = "inactive"
"""Status of an agent that plays no more; its rating and matches stay."""

PLACING = "placing"
"""Status while an evaluation is open; the other statuses are the words of `EvaluationState`."""

_RATING = {System.ELO: Standing.elo, System.MEAN_SCORE: Standing.mean_score}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One competitor's line. Equal ratings share a rank, and the next rank is left out (1, 1, 3).

    `kind` is the kind of agent, or "model" or "name" where no agent competes. Scores are in the
    game's unit.
    """

    rank: int
    competitor: str
    title: str
    kind: str
    rating: float
    matches: int
    wins: int
    losses: int
    ties: int
    score_total: float
    top_score: float | None
    first_match_at: datetime | None
    last_match_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The end of a ladder's digest chain: `head` (SHA-256, hex) stands for the first `sequence`
    rated matches of `epoch`, each as it was rated.

    Whoever noted it can tell later whether one of these was added, dropped, reordered or altered:
    `arena audit PARQUET_DIR --head HEAD`. None: no match is rated, or the chain was not begun.
    """

    epoch: int
    sequence: int
    head: str | None


@dataclass(frozen=True, slots=True)
class Board:
    """A ladder's leaderboard, best first; competitors without a match are not on it.

    `matches` counts the rated ones and is the last sequence number of `epoch`; `baseline` is the
    rating of somebody who has not played; `updated_at` is when the last rated match ended, None
    before the first; `chain` seals these matches.
    """

    ladder: str
    title: str
    game: str
    system: System
    baseline: float
    rows: tuple[BoardRow, ...]
    matches: int
    epoch: int
    updated_at: datetime | None
    chain: Seal

    def to_json(self) -> dict[str, Any]:
        """The board as JSON: floats exact, times ISO 8601 in UTC."""
        return {
            **{name: getattr(self, name) for name in ("ladder", "title", "game")},
            "system": self.system.value,
            "matches": self.matches,
            "epoch": self.epoch,
            "updated_at": _iso(self.updated_at),
            "chain": asdict(self.chain),
            "rows": [
                {
                    name: _iso(value) if isinstance(value, datetime) else value
                    for name, value in asdict(row).items()
                }
                for row in self.rows
            ],
        }


def board(store: Store, ladder: str = DEFAULT_LADDER) -> Board:
    """The leaderboard of a ladder as it stands now. Raises NotFound for an unknown ladder."""
    with store.read() as connection:
        return board_in(connection, ladder_row(connection, ladder))


def board_in(connection: Connection, ladder: Row[Any]) -> Board:
    """The same within a transaction, given the ladder's row."""
    rule = rule_of(ladder)
    rating = _RATING[rule.system]
    standings = connection.execute(
        select(
            Standing.__table__,
            rating.label("rating"),
            Agent.title.label("agent_title"),
            Agent.kind,
            Agent.active,
            Model.display_name,
        )
        .outerjoin(Agent, Agent.id == Standing.agent_id)
        .outerjoin(Model, Model.id == Standing.model_id)
        .where(Standing.ladder_id == ladder.id, Standing.matches > 0, rating.is_not(None))
    ).all()
    statuses = _statuses(connection, rule)
    rows: list[BoardRow] = []
    for place, row in enumerate(sorted(standings, key=lambda s: (-s.rating, s.competitor)), 1):
        shares = bool(rows) and rows[-1].rating == row.rating
        rows.append(_board_row(row, rule, rows[-1].rank if shares else place, statuses))
    return Board(
        ladder=ladder.name,
        title=ladder.title,
        game=ladder.game,
        system=rule.system,
        baseline=rule.initial if rule.system is System.ELO else 0.0,
        rows=tuple(rows),
        matches=ladder.next_sequence - 1,
        epoch=ladder.epoch,
        updated_at=_last_match_ended_at(connection, ladder),
        chain=seal_of(ladder),
    )


def seal_of(ladder: Row[Any]) -> Seal:
    """Where the chain of the ladder in a row of `ladders` ends."""
    return Seal(ladder.epoch, ladder.next_sequence - 1, ladder.chain_head)


def _board_row(row: Row[Any], rule: LadderRule, rank: int, statuses: dict[int, str]) -> BoardRow:
    if rule.competitor is CompetitorKind.MODEL:
        kind, title, subject = "model", row.display_name, row.model_id
    else:
        kind, title, subject = row.kind or "name", row.agent_title, row.agent_id
    return BoardRow(
        rank=rank,
        competitor=row.competitor,
        title=title or row.competitor,
        kind=kind,
        rating=row.rating,
        matches=row.matches,
        wins=row.wins,
        losses=row.losses,
        ties=row.ties,
        score_total=row.score_total,
        top_score=row.top_score,
        first_match_at=row.first_match_at,
        last_match_at=row.last_match_at,
        status=INACTIVE
        if row.active is False
        else statuses.get(subject, EvaluationState.UNTESTED.value),
    )


def _statuses(connection: Connection, rule: LadderRule) -> dict[int, str]:
    """What the newest evaluation says, by agent id; on ladders of models by the id of the default
    agent's model.
    """
    of_models = rule.competitor is CompetitorKind.MODEL
    subject = Agent.model_id if of_models else Agent.id
    query = (
        select(subject.label("subject"), Evaluation.state)
        .join(Agent, Agent.id == Evaluation.agent_id)
        .where(Evaluation.ladder_id == rule.id, subject.is_not(None))
        .order_by(Evaluation.attempt, Evaluation.id)
    )
    if of_models:
        query = query.where(Agent.is_default)
    return {
        row.subject: PLACING if row.state in OPEN_STATES else row.state
        for row in connection.execute(query)
    }


def _last_match_ended_at(connection: Connection, ladder: Row[Any]) -> datetime | None:
    return connection.scalar(
        select(Match.ended_at)
        .join(LadderMatch, LadderMatch.match_id == Match.id)
        .where(
            LadderMatch.ladder_id == ladder.id,
            LadderMatch.epoch == ladder.epoch,
            LadderMatch.sequence == ladder.next_sequence - 1,
        )
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
