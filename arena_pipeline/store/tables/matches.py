"""Tables of what was played: matches and participants. Their turns are in `turns`."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from arena_pipeline.store.tables.base import BIG_ID, Base, one_of
from arena_pipeline.store.types import OutsideText, Usd


class MatchState(StrEnum):
    """Where a match stands. Only `finished` ones are rated; a `void` one stays on record."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    VOID = "void"


class Purpose(StrEnum):
    """What a match was played for."""

    PLACEMENT = "placement"
    LEAGUE = "league"
    MANUAL = "manual"
    GAUNTLET = "gauntlet"
    BENCHMARK = "benchmark"
    IMPORT = "import"


class MatchResult(StrEnum):
    """How a match ended for one participant."""

    WON = "won"
    LOST = "lost"
    TIED = "tied"


class Match(Base):
    """One contest. Written when it finishes; earlier (state running, with turns) if it costs money
    or time.
    """

    __tablename__ = "matches"
    __table_args__ = (
        one_of("state", MatchState),
        one_of("purpose", Purpose),
        CheckConstraint("state <> 'finished' OR rounds IS NOT NULL", name="finished"),
        CheckConstraint(
            "state <> 'finished' OR (replay_digest IS NULL) = (replay_missing IS NOT NULL)",
            name="replay_or_reason",
        ),
        CheckConstraint("cost >= 0", name="cost"),
        Index("ix_matches_ended_at", "ended_at", "state", "revision"),
        Index("ix_matches_started_at", "started_at"),
        Index("ix_matches_config_id", "config_id", "ended_at"),
        Index("ix_matches_evaluation_id", "evaluation_id"),
        Index("ix_matches_instance_id", "instance_id"),
        Index("ix_matches_group", "group"),
        Index("ix_matches_source_digest", "source_digest"),
        Index(
            "ix_matches_open",
            "lease_until",
            sqlite_where=text("state IN ('running', 'paused')"),
            postgresql_where=text("state IN ('running', 'paused')"),
        ),
    )

    id: Mapped[int] = mapped_column(
        BIG_ID,
        primary_key=True,
        doc="Row number. Later batches have higher ones, within a batch they follow the uuid; the "
        "order in which matches count is ladder_matches.sequence.",
    )
    uuid: Mapped[str] = mapped_column(
        Text, unique=True, doc="The match's name for ever, in every store, replay and export."
    )
    config_id: Mapped[int] = mapped_column(
        ForeignKey("game_configs.id"), doc="Game with its settings (game_configs.id)."
    )
    instance_id: Mapped[int | None] = mapped_column(
        ForeignKey("instances.id"),
        doc="Stored start it was played from (instances.id); NULL: drawn by chance.",
    )
    evaluation_id: Mapped[int | None] = mapped_column(
        ForeignKey("evaluations.id"),
        doc="Evaluation it was played for (evaluations.id); NULL: none.",
    )
    group: Mapped[str | None] = mapped_column(
        doc="Shared by matches that belong together, such as two with seats swapped; NULL: alone."
    )
    purpose: Mapped[str] = mapped_column(
        doc="placement, league, manual, gauntlet, benchmark or import."
    )
    state: Mapped[str] = mapped_column(
        doc="running, paused, finished or void; only finished ones are rated."
    )
    seed: Mapped[int | None] = mapped_column(
        BigInteger, doc="What all chance came from, from 0 to 2**63 - 1; NULL: unknown."
    )
    rule_version: Mapped[str] = mapped_column(
        doc="Version of the game's rules that it was played by."
    )
    started_at: Mapped[datetime | None] = mapped_column(doc="When it began (UTC); NULL: unknown.")
    ended_at: Mapped[datetime | None] = mapped_column(
        doc="When it was over (UTC); NULL: it is not, or unknown."
    )
    rounds: Mapped[int | None] = mapped_column(doc="How many steps it took; NULL: not finished.")
    ended_by: Mapped[str | None] = mapped_column(
        doc="The game's word for why it stopped, such as last_alive; NULL: it has not."
    )
    winning_team: Mapped[str | None] = mapped_column(
        doc="Team that won; NULL: none did, or the game has no teams."
    )
    total_score: Mapped[float | None] = mapped_column(
        doc="Sum of all seats' scores, in the game's unit; NULL: not finished."
    )
    replay_path: Mapped[str | None] = mapped_column(
        doc="Where the replay lies in the replay folder; NULL: there is none."
    )
    replay_digest: Mapped[str | None] = mapped_column(
        doc="SHA-256 (hex) of the replay's bytes; NULL: there is none."
    )
    replay_missing: Mapped[str | None] = mapped_column(
        doc="Why a finished match has no replay; NULL: it has one, or is not finished."
    )
    cost: Mapped[Decimal | None] = mapped_column(
        Usd, doc="What all seats cost, in 1e-12 USD; NULL: no turn's cost is known, as with bots."
    )
    source_path: Mapped[str | None] = mapped_column(
        OutsideText,
        doc="File that it was imported from, with the member of the archive or the line; NULL: "
        "played here.",
    )
    source_digest: Mapped[str | None] = mapped_column(
        doc="SHA-256 (hex) of the document it was imported from; NULL: played here."
    )
    started_at_text: Mapped[str | None] = mapped_column(
        OutsideText, doc="Start in the import's own words; NULL: played here, or not given."
    )
    ended_at_text: Mapped[str | None] = mapped_column(
        OutsideText, doc="End in the import's own words; NULL: played here, or not given."
    )
    verification: Mapped[str | None] = mapped_column(
        doc="How an import's moves fit the rules: verified, or the reason why they do not quite, "
        "such as same_turn_apple_respawn or header_only; NULL: played here."
    )
    crashed: Mapped[bool] = mapped_column(
        default=False, doc="Whether the program that played it broke down before its end."
    )
    void_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why it does not count; NULL: it is not void."
    )
    revision: Mapped[int] = mapped_column(
        default=0,
        server_default="0",
        doc="How often the finished match was changed (voided, taken back): copies elsewhere that "
        "have a lower one are old.",
    )
    paused_at: Mapped[datetime | None] = mapped_column(
        doc="Since when it stands still (UTC); NULL: it does not."
    )
    resume_at: Mapped[datetime | None] = mapped_column(
        doc="Not to be taken up again before this (UTC); NULL: at any time."
    )
    pause_reason: Mapped[str | None] = mapped_column(
        OutsideText, doc="Why it stands still, as a sentence; NULL: it does not, or nobody said."
    )
    lease_owner: Mapped[str | None] = mapped_column(doc="Process that plays it; NULL: nobody does.")
    lease_until: Mapped[datetime | None] = mapped_column(
        doc="Until when nobody else may go on with it (UTC); NULL: nobody holds it."
    )
    info: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="Whatever else is known of it (JSON)."
    )


class Participant(Base):
    """An agent's seat in a match; `result` and what follows are NULL until it is finished."""

    __tablename__ = "participants"
    __table_args__ = (
        one_of("result", MatchResult),
        CheckConstraint("slot >= 0", name="slot"),
        CheckConstraint("placement >= 1", name="placement"),
        CheckConstraint("cost >= 0", name="cost"),
        CheckConstraint("agent_faults >= 0 AND gateway_faults >= 0", name="faults"),
        Index("ix_participants_agent_id", "agent_id", "match_id"),
        Index("ix_participants_model_id", "model_id", "match_id"),
        Index("ix_participants_name", "name", "match_id"),
        {"sqlite_with_rowid": False},
    )

    match_id: Mapped[int] = mapped_column(
        ForeignKey("matches.id"), primary_key=True, doc="The match (matches.id)."
    )
    slot: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, doc="Number of the seat, from 0."
    )
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("agents.id"), doc="Who sat there (agents.id); NULL: known by name only."
    )
    model_id: Mapped[int | None] = mapped_column(
        ForeignKey("models.id"),
        doc="What the agent played with (models.id); NULL: no model, or not known.",
    )
    name: Mapped[str] = mapped_column(OutsideText, doc="What the player was called in this match.")
    team: Mapped[str | None] = mapped_column(doc="Side it played for; NULL: the game has no teams.")
    role: Mapped[str | None] = mapped_column(doc="Part it was dealt; NULL: the game has no roles.")
    score: Mapped[float | None] = mapped_column(
        doc="In the game's unit (apples, points); NULL: not finished."
    )
    reward: Mapped[float | None] = mapped_column(
        doc="What a learner would get, from -1 to 1; NULL: not finished."
    )
    result: Mapped[str | None] = mapped_column(doc="won, lost or tied; NULL: not finished.")
    placement: Mapped[int | None] = mapped_column(
        doc="1 for the best, shared by those who tied; NULL: not finished."
    )
    death_round: Mapped[int | None] = mapped_column(
        doc="Step in which it died, from 0; NULL: it lived, or the game knows no death."
    )
    death_reason: Mapped[str | None] = mapped_column(
        doc="The game's word for what killed it, such as wall; NULL: it lived."
    )
    agent_faults: Mapped[int] = mapped_column(
        default=0, doc="Turns that failed by the agent's own doing."
    )
    gateway_faults: Mapped[int] = mapped_column(
        default=0, doc="Turns that failed by no doing of the agent."
    )
    faults: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="How many turns failed in which way (JSON), such as timeout."
    )
    metrics: Mapped[dict[str, Any]] = mapped_column(
        default=dict, doc="What the game tells beside the score (JSON), such as a snake's length."
    )
    flags: Mapped[dict[str, Any]] = mapped_column(
        default=dict,
        server_default="{}",
        doc="What an import noticed of the seat (JSON): placeholder, self_play, zero_tokens, "
        "cost_unknown; {}: nothing.",
    )
    input_tokens: Mapped[int | None] = mapped_column(
        BigInteger, doc="Tokens sent over all turns; NULL: unknown, as with bots."
    )
    output_tokens: Mapped[int | None] = mapped_column(
        BigInteger, doc="Tokens received over all turns; NULL: unknown, as with bots."
    )
    cost: Mapped[Decimal | None] = mapped_column(
        Usd, doc="What its turns cost, in 1e-12 USD; NULL: unknown, as with bots."
    )
    expected_cost: Mapped[Decimal | None] = mapped_column(
        Usd,
        doc="What the seat was expected to cost before the match, in 1e-12 USD; NULL: nothing was "
        "expected, as with bots.",
    )
    calls_set_aside: Mapped[int | None] = mapped_column(
        doc="Calls of a free allowance still set aside for the seat; NULL: it needs none."
    )
    calls_window: Mapped[datetime | None] = mapped_column(
        doc="Begin of the day whose allowance they are of (UTC); NULL: it needs none."
    )
