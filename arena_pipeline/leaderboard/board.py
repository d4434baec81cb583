"""The leaderboard of one ladder: who stands where, with the totals behind each rating.

Read from `standings` alone, so that its cost grows with the competitors and not with the matches.
What it looks like as files is in `leaderboard.exports`, as pictures in `leaderboard.charts`.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

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
    SetBy,
    Standing,
)

INACTIVE = "inactive"
"""Status of an agent that plays no more, or of a model that somebody switched off; rating and
matches stay.
"""

PLACING = "placing"
"""Status while an evaluation is open; the other statuses are the words of `EvaluationState`."""

_BY_SOMEBODY = (SetBy.PERSON, SetBy.YAML)

_RATING = {System.ELO: Standing.elo, System.MEAN_SCORE: Standing.mean_score}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One competitor's line. Equal ratings share a rank, and the next rank is left out (1, 1, 3).

    `kind` is the kind of agent, or "model" or "name" where no agent competes. Scores are in the
    game's unit. TrueSkill (mean, standard deviation, mean less three of these) is None where the
    ladder does not keep it.
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
    trueskill_mu: float | None = None
    trueskill_sigma: float | None = None
    trueskill_exposed: float | None = None


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
    before the first; `chain` seals these matches. `not_rated` counts the others in the ladder's
    scope by why they do not count (`ladder_rules.Reason`), the commonest first.
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
    not_rated: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The board as JSON: floats exact, times ISO 8601 in UTC."""
        return {
            **{name: getattr(self, name) for name in ("ladder", "title", "game")},
            "system": self.system.value,
            "matches": self.matches,
            "not_rated": self.not_rated,
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
            Model.is_active,
            Model.is_active_set_by,
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
        not_rated=_not_rated(connection, ladder),
    )


def seal_of(ladder: Row[Any]) -> Seal:
    """Where the chain of the ladder in a row of `ladders` ends."""
    return Seal(ladder.epoch, ladder.next_sequence - 1, ladder.chain_head)


def _board_row(
    row: Row[Any], rule: LadderRule, rank: int, statuses: "dict[_Subject, str]"
) -> BoardRow:
    state: str | None
    if rule.competitor is CompetitorKind.MODEL and row.model_id is not None:
        kind, title = "model", row.display_name
        state = statuses.get(("model", row.model_id))
        # A model that nobody decided about is inactive until it is placed.
        plays = row.is_active or row.is_active_set_by not in _BY_SOMEBODY
    else:
        kind, title = row.kind or "name", row.agent_title
        state = statuses.get(("agent", row.agent_id))
        plays = row.active is not False
    exposed = None if row.live_mu is None else row.live_mu - 3.0 * row.live_sigma
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
        status=(state or EvaluationState.UNTESTED.value) if plays else INACTIVE,
        trueskill_mu=row.live_mu,
        trueskill_sigma=row.live_sigma,
        trueskill_exposed=exposed,
    )


_Subject = tuple[str, int | None]
"""Whose status it is: "agent" or "model", and the id."""


def _statuses(connection: Connection, rule: LadderRule) -> dict[_Subject, str]:
    """What the newest evaluation says of each agent; on ladders of models, what that of a model's
    default agent says of it. A cancelled one is no failure: its agent is untested.
    """
    query = (
        select(
            Agent.id, Agent.model_id, Agent.is_default, Evaluation.state, Evaluation.cancelled_at
        )
        .join(Agent, Agent.id == Evaluation.agent_id)
        .where(Evaluation.ladder_id == rule.id)
        .order_by(Evaluation.attempt, Evaluation.id)
    )
    statuses: dict[_Subject, str] = {}
    for row in connection.execute(query):
        state = PLACING if row.state in OPEN_STATES else row.state
        if row.cancelled_at is not None:
            state = EvaluationState.UNTESTED.value
        statuses["agent", row.id] = state
        if row.is_default and row.model_id is not None:
            statuses["model", row.model_id] = state
    return statuses


def _not_rated(connection: Connection, ladder: Row[Any]) -> dict[str, int]:
    if ladder.next_position == ladder.next_sequence:
        return {}
    count = func.count()
    rows = connection.execute(
        select(LadderMatch.reason, count)
        .where(
            LadderMatch.ladder_id == ladder.id,
            LadderMatch.epoch == ladder.epoch,
            LadderMatch.reason.is_not(None),
        )
        .group_by(LadderMatch.reason)
        .order_by(count.desc(), LadderMatch.reason)
    )
    return {str(reason): number for reason, number in rows}


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
