"""What an audit reads of published tables: the ladders, one ladder's matches in order, its ledger,
its standings. It streams; nothing that is read is trusted.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, SeatFacts
from arena_pipeline.matches.standings import Tally
from arena_pipeline.store.tables import CompetitorKind, MatchState, Ordering
from arena_pipeline.warehouse.auditing.report import AuditError
from arena_pipeline.warehouse.auditing.source import unreadable

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_CHUNK = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A published ladder: its rules, the epoch in force, how many matches it says are rated."""

    rule: LadderRule
    live: bool
    epoch: int
    rated: int
    chain_head: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """A published match with its place on a ladder; None throughout where it has none."""

    facts: MatchFacts
    game: str
    purpose: str
    position: int | None
    sequence: int | None
    reason: str | None
    digest: str | None


Event = tuple[str, str, float, float]
"""Competitor, system, before, after."""


class Published:
    """The tables of a folder of Parquet."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", folder: "Path") -> None:
        self._connection, self._folder = connection, folder

    def ladders(self) -> list[tuple[str, LadderRow | str]]:
        """Each ladder's name, and its row or what is wrong with it, by name."""
        rows = self._rows("SELECT * FROM ladders ORDER BY name NULLS FIRST, id")
        return [(str(row["name"]), _ladder(row)) for row in rows]

    def repeated(self) -> list[str]:
        """The uuids that several matches have."""
        query = "SELECT uuid FROM matches GROUP BY uuid HAVING count(*) > 1 ORDER BY uuid LIMIT 5"
        return [str(row["uuid"]) for row in self._rows(query)]

    def lost(self, ladder: LadderRow) -> list[Mapping[str, Any]]:
        """Places (sequence, match_id) of matches that are not among the published ones."""
        return list(
            self._rows(
                "SELECT sequence, match_id FROM ladder_matches "
                "WHERE ladder_id = $ladder AND epoch = $epoch "
                "AND match_id NOT IN (SELECT id FROM matches WHERE id IS NOT NULL) "
                "ORDER BY sequence NULLS LAST, match_id",
                ladder,
            )
        )

    def places(self, ladder: LadderRow) -> Iterator[Place]:
        """The matches that the ladder judged or should have, in the order it judges them.

        As `leaderboard.history.in_scope` orders the store's rows; those out of scope that have a
        place all the same are among them.
        """
        by_time = "ended_at NULLS FIRST, id"
        if ladder.rule.is_by_published_clock:
            by_time = "ended_at_text NULLS FIRST, uuid"
        order = by_time
        if ladder.rule.ordering is Ordering.FINISHED:
            order = f"position NULLS LAST, {by_time}"
        judged = (
            "FROM matches LEFT JOIN (SELECT * FROM ladder_matches WHERE ladder_id = $ladder "
            "AND epoch = $epoch) AS place ON place.match_id = matches.id "
            "WHERE place.match_id IS NOT NULL OR (game = $game AND state = 'finished')"
        )
        matches = self._rows(
            "SELECT id, uuid, config, game, purpose, state, rule_version, replay_digest, "
            "epoch_us(started_at) AS started_us, epoch_us(ended_at) AS ended_us, "
            "started_at_text, ended_at_text, "
            f"position, sequence, reason, digest {judged} ORDER BY {order}",
            ladder,
        )
        seats = self._rows(
            "SELECT id, participants.* EXCLUDE (match_id, slot) "  # noqa: S608 - own words
            "REPLACE (coalesce(flags ->> 'placeholder' = 'true', false) AS flags) "
            f"FROM (SELECT id, uuid, ended_at, ended_at_text, position {judged}) "
            f"JOIN participants ON match_id = id ORDER BY {order}, slot",
            ladder,
        )
        by_match = groupby(seats, key=itemgetter("id"))
        waiting = next(by_match, None)
        for match in matches:
            own: list[SeatFacts] = []
            if waiting is not None and waiting[0] == match["id"]:
                own = [_seat(seat) for seat in waiting[1]]
                waiting = next(by_match, None)
            yield _place(match, own)

    def events(self, ladder: LadderRow) -> Iterator[tuple[int, list[Event]]]:
        """The ledger: each sequence number with its lines."""
        rows = self._rows(
            "SELECT sequence, competitor, system, before, after FROM rating_events "
            "WHERE ladder_id = $ladder AND epoch = $epoch ORDER BY sequence",
            ladder,
        )
        for sequence, lines in groupby(rows, key=itemgetter("sequence")):
            yield (
                sequence,
                [(e["competitor"], e["system"], e["before"], e["after"]) for e in lines],
            )

    def standings(self, ladder: LadderRow) -> dict[str, Tally]:
        """The ladder's standings."""
        rows = self._rows(
            "SELECT * EXCLUDE (ladder_id) REPLACE (epoch_us(first_match_at) AS first_match_at, "
            "epoch_us(last_match_at) AS last_match_at) "
            "FROM standings WHERE ladder_id = $ladder",
            ladder,
        )
        tallies = {}
        for row in rows:
            times = {name: _moment(row[name]) for name in ("first_match_at", "last_match_at")}
            tallies[str(row["competitor"])] = Tally(**{**row, **times})
        return tallies

    def count(self, ladder: LadderRow) -> int:
        """How many places the ladder has."""
        query = (
            "SELECT count(*) AS places FROM ladder_matches "
            "WHERE ladder_id = $ladder AND epoch = $epoch"
        )
        return int(next(self._rows(query, ladder))["places"])

    def _rows(self, query: str, ladder: LadderRow | None = None) -> Iterator[dict[str, Any]]:
        """Rows as dictionaries, a chunk at a time; each query has a cursor of its own."""
        import duckdb

        asked = {}
        if ladder is not None:
            known = {"ladder": ladder.rule.id, "epoch": ladder.epoch, "game": ladder.rule.game}
            asked = {name: value for name, value in known.items() if f"${name}" in query}
        try:
            with self._connection.cursor() as cursor:
                for batch in cursor.sql(query, params=asked).to_arrow_reader(_CHUNK):
                    yield from batch.to_pylist()
        except (duckdb.Error, OSError, ValueError) as error:
            raise unreadable(self._folder, error) from error


def _ladder(row: Mapping[str, Any]) -> LadderRow | str:
    try:
        filter_, policy = (json.loads(row[name] or "{}") for name in ("filter", "policy"))
        if not isinstance(filter_, dict) or not isinstance(policy, dict):
            return "its filter or policy is no JSON object"
        rule = LadderRule(
            id=int(row["id"]),
            name=str(row["name"]),
            game=str(row["game"]),
            competitor=CompetitorKind(row["competitor"]),
            ordering=Ordering(row["ordering"]),
            filter=filter_,
            policy=policy,
        )
        # What a rule makes of its policy is known when it is asked.
        _ = rule.system, rule.k, rule.initial, rule.covers(rule.game, "", "")
        return LadderRow(
            rule, bool(row["live"]), int(row["epoch"]), row["next_sequence"] - 1, row["chain_head"]
        )
    except (TypeError, ValueError, RecursionError) as error:
        return f"its rules can't be used: {error}"


def _place(row: Mapping[str, Any], seats: list[SeatFacts]) -> Place:
    facts = MatchFacts(
        id=row["id"],
        uuid=row["uuid"],
        config=row["config"],
        rule_version=row["rule_version"],
        started_at=_moment(row["started_us"]),
        ended_at=_moment(row["ended_us"]),
        replay_digest=row["replay_digest"],
        seats=seats,
        is_void=row["state"] == MatchState.VOID,
        started_at_text=row["started_at_text"],
        ended_at_text=row["ended_at_text"],
    )
    return Place(
        facts, row["game"], row["purpose"],
        row["position"], row["sequence"], row["reason"], row["digest"],
    )  # fmt: skip


def _seat(row: Mapping[str, Any]) -> SeatFacts:
    return SeatFacts(
        row["name"], row["agent"], row["model"], row["agent_id"], row["model_id"], row["result"],
        row["score"], row["team"], row["gateway_faults"], row["flags"],
    )  # fmt: skip


def _moment(microseconds: int | None) -> datetime | None:
    try:
        return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError as error:
        raise AuditError(f"A moment {microseconds} us from 1970 is published: no date") from error
