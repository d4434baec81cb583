"""The board and its matches as tables: CSV and Markdown for people, Parquet for tools.

Names in CSV and Markdown are escaped (`escaping`); Parquet holds them as they are. Floats are
written whole in all but Markdown, which rounds for reading.
"""

import csv
from dataclasses import asdict, astuple, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from arena_pipeline.escaping import csv_cell, markdown_cell
from arena_pipeline.leaderboard.board import BoardRow
from arena_pipeline.leaderboard.exports.played import RatedMatch, RatedSeat, Source, whole

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK = 5_000
_COMPRESSION = "zstd"

COLUMNS = tuple(field.name for field in fields(BoardRow))


class LeaderboardCsv:
    """The columns of `BoardRow` with a header; UTF-8, times ISO 8601 in UTC, nothing where nothing
    is known.
    """

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path

    def add(self, match: RatedMatch) -> None:
        """Nothing: the board is enough."""

    def finish(self) -> int:
        """Write the file; returns the number of rows."""
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(
                [csv_value(value) for value in astuple(row)] for row in self._source.board.rows
            )
        return len(self._source.board.rows)


def csv_value(value: object) -> str:
    """A cell of the CSV file."""
    match value:
        case None:
            return ""
        case str():
            return csv_cell(value)
        case datetime():
            return value.isoformat()
        case _:
            return repr(value)


class LeaderboardMarkdown:
    """The board as a Markdown table under its title, to be read or pasted; ratings rounded to whole
    points.
    """

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path

    def add(self, match: RatedMatch) -> None:
        """Nothing: the board is enough."""

    def finish(self) -> int:
        """Write the file; returns the number of rows."""
        board = self._source.board
        updated = "never" if board.updated_at is None else f"{board.updated_at:%Y-%m-%d %H:%M} UTC"
        digits = 0 if board.baseline else 3
        lines = [
            f"# {markdown_cell(board.title)}",
            "",
            f"{board.matches:,} rated matches, {len(board.rows):,} competitors, newest {updated}.",
            "",
            *([f"Sealed by `{board.chain.head}`.", ""] if board.chain.head else []),
            f"| {' | '.join(name for name, _ in _MARKDOWN_COLUMNS)} |",
            f"|{'|'.join(align for _, align in _MARKDOWN_COLUMNS)}|",
        ]
        lines += [f"| {' | '.join(_markdown_cells(row, digits))} |" for row in board.rows]
        self._path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return len(board.rows)


_MARKDOWN_COLUMNS = (
    ("Rank", "---:"), ("Competitor", "---"), ("Title", "---"), ("Kind", "---"),
    ("Rating", "---:"), ("W", "---:"), ("L", "---:"), ("T", "---:"), ("Matches", "---:"),
    ("Score", "---:"), ("Best", "---:"), ("Last match", "---"), ("Status", "---"),
)  # fmt: skip


def _markdown_cells(row: BoardRow, digits: int) -> list[str]:
    top = "" if row.top_score is None else f"{whole(row.top_score):,}"
    last = "" if row.last_match_at is None else f"{row.last_match_at:%Y-%m-%d}"
    return [
        str(row.rank),
        markdown_cell(row.competitor),
        markdown_cell(row.title if row.title != row.competitor else ""),
        markdown_cell(row.kind),
        f"{row.rating:.{digits}f}",
        *(f"{count:,}" for count in (row.wins, row.losses, row.ties, row.matches)),
        f"{whole(row.score_total):,}",
        top,
        last,
        row.status,
    ]


class LeaderboardParquet:
    """The columns of `BoardRow` after the ladder's name and epoch; the file's own metadata has the
    end of the chain under `chain` (JSON).
    """

    def __init__(self, source: Source, path: Path) -> None:
        self._source, self._path = source, path

    def add(self, match: RatedMatch) -> None:
        """Nothing: the board is enough."""

    def finish(self) -> int:
        """Write the file; returns the number of rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        board = self._source.board
        place = {"ladder": board.ladder, "epoch": board.epoch}
        rows = [{**place, **asdict(row)} for row in board.rows]
        schema = board_schema().with_metadata({"chain": msgspec.json.encode(board.chain)})
        pq.write_table(pa.Table.from_pylist(rows, schema), self._path, compression=_COMPRESSION)
        return len(rows)


class MatchesParquet:
    """One row per rated match, in sequence, with its seats as a list of structs and its link of the
    chain; costs in USD, exact.
    """

    def __init__(self, source: Source, path: Path) -> None:
        import pyarrow.parquet as pq

        board = source.board
        self._place = {"ladder": board.ladder, "epoch": board.epoch}
        self._schema = matches_schema()
        self._writer = pq.ParquetWriter(path, self._schema, compression=_COMPRESSION)
        self._rows: list[dict[str, Any]] = []
        self._written = 0

    def add(self, match: RatedMatch) -> None:
        """Take down one match; a full chunk goes to the file."""
        known = {name: getattr(match, name) for name in _MATCH_FIELDS}
        seats = [{name: getattr(seat, name) for name in _SEAT_FIELDS} for seat in match.seats]
        self._rows.append({**self._place, **known, "seats": seats})
        if len(self._rows) >= _CHUNK:
            self._flush()

    def finish(self) -> int:
        """Close the file; returns the number of matches."""
        self._flush()
        self._writer.close()
        return self._written

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._written += len(self._rows)
            self._rows.clear()


def board_schema() -> "pa.Schema":
    """Columns of `leaderboard.parquet`."""
    import pyarrow as pa

    text, count, number, moment = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us", "UTC")
    return pa.schema(
        {
            "ladder": text, "epoch": count, "rank": count, "competitor": text, "title": text,
            "kind": text, "rating": number, "matches": count, "wins": count, "losses": count,
            "ties": count, "score_total": number, "top_score": number, "first_match_at": moment,
            "last_match_at": moment, "status": text, "trueskill_mu": number,
            "trueskill_sigma": number, "trueskill_exposed": number,
        }.items()
    )  # fmt: skip


def matches_schema() -> "pa.Schema":
    """Columns of `matches.parquet`."""
    import pyarrow as pa

    text, count, number, moment = pa.string(), pa.int64(), pa.float64(), pa.timestamp("us", "UTC")
    seat = {
        "slot": count, "competitor": text, "name": text, "team": text, "score": number,
        "result": text, "placement": count, "death_round": count, "death_reason": text,
        "rating_before": number, "rating_after": number,
    }  # fmt: skip
    columns = {
        "ladder": text, "epoch": count, "sequence": count, "uuid": text, "config": text,
        "purpose": text, "seed": count, "rule_version": text, "started_at": moment,
        "ended_at": moment, "rounds": count, "ended_by": text, "winning_team": text,
        "total_score": number, "cost": pa.decimal128(38, 12), "replay_path": text,
        "replay_digest": text, "digest": text, "seats": pa.list_(pa.struct(list(seat.items()))),
    }  # fmt: skip
    return pa.schema(list(columns.items()))


_MATCH_FIELDS = tuple(
    field.name
    for field in fields(RatedMatch)
    if field.name not in ("start_time", "end_time", "seats", "counted_rounds")
)
_SEAT_FIELDS = tuple(field.name for field in fields(RatedSeat))
