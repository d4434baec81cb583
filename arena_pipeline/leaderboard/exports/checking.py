"""Comparing an export with the store: what is missing, altered, behind, or says another number."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from arena_pipeline.leaderboard.board import Board, Seal, board, seal_of
from arena_pipeline.leaderboard.exports.manifest import MANIFEST, FileFacts, Manifest, Restriction
from arena_pipeline.leaderboard.exports.publishing import FORMATS, digest_of_file
from arena_pipeline.leaderboard.exports.tables import COLUMNS, csv_value
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, ladder_row
from arena_pipeline.store import Store

_SHOWN = 20
"""Differences of one file that are told one by one."""

Figures = dict[str, dict[str, Any]]
"""By competitor: what a file says of it, under the names of `BoardRow`."""


class _Totals(msgspec.Struct):
    wins: int
    losses: int
    ties: int
    apples_eaten: float
    elo: float


class _SimpleStats(_Totals):
    top_score: float | None


class _Stats(_Totals):
    games: list[msgspec.Raw]


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """What a comparison found. `behind`: matches were rated since, which is no fault of the export;
    `differences`: what is wrong with it. Each is a sentence.
    """

    behind: str | None = None
    differences: tuple[str, ...] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether there is nothing to say."""
        return self.behind is None and not self.differences

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that was found, faults first."""
        return (*self.differences, *(() if self.behind is None else (self.behind,)))


def check(store: Store, out_dir: Path, ladder: str = DEFAULT_LADDER) -> ExportCheck:
    """Compare the export in `out_dir` with the store.

    The numbers of an export that is behind are not compared, since they are those of its own time;
    whether its files are whole is looked at all the same, and of an export of some matches alone
    nothing else.
    """
    manifest = _manifest_of(out_dir, ladder)
    if isinstance(manifest, str):
        return ExportCheck(differences=(manifest,))
    present = board(store, ladder)
    differences = [
        difference
        for name, facts in manifest.files.items()
        if (difference := _file_difference(out_dir / name, facts)) is not None
    ]
    if isinstance(manifest.games, Restriction):
        return ExportCheck(differences=tuple(differences))
    if late := _lag(manifest, present.chain):
        return ExportCheck(late, tuple(differences))
    differences += _seal_differences(manifest, present.chain)
    for name, facts in manifest.files.items():
        differences += _row_differences(name, facts, present)
        if name in _READERS and (out_dir / name).is_file():
            differences += _limited(_figure_differences(out_dir / name, _READERS[name], present))
    return ExportCheck(differences=tuple(differences))


def behind(store: Store, out_dir: Path, ladder: str = DEFAULT_LADDER) -> str | None:
    """Why the export in `out_dir` does not show the newest rated match; None if it does.

    One query and one small file: for looking often. Files and numbers are compared by `check`.
    """
    manifest = _manifest_of(out_dir, ladder)
    if isinstance(manifest, str):
        return manifest
    with store.read() as connection:
        row = ladder_row(connection, ladder)
    return _lag(manifest, seal_of(row))


def _manifest_of(out_dir: Path, ladder: str) -> Manifest | str:
    """The manifest of the ladder's export, or what is wrong with it."""
    try:
        manifest = msgspec.json.decode((out_dir / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        return f"{out_dir / MANIFEST} is missing: ladder {ladder} is not exported there"
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        return f"{MANIFEST} can't be read: {error}"
    if manifest.ladder != ladder:
        return f"{MANIFEST} is of ladder {manifest.ladder!r}, not of {ladder!r}"
    return manifest


def _lag(manifest: Manifest, present: Seal) -> str | None:
    if (manifest.epoch, manifest.sequence) == (present.epoch, present.sequence):
        return None
    return (
        f"The export is behind: it shows match {manifest.sequence} of epoch {manifest.epoch}, "
        f"the store is at match {present.sequence} of epoch {present.epoch}"
    )


def _seal_differences(manifest: Manifest, present: Seal) -> Iterator[str]:
    head = None if manifest.chain is None else manifest.chain.head
    if head != present.head:
        yield f"{MANIFEST} says the head of the chain is {head}, the store {present.head}"


def _file_difference(path: Path, facts: FileFacts) -> str | None:
    if path.name not in FORMATS:
        return f"{MANIFEST} names {path.name!r}, which is no export"
    if not path.is_file():
        return f"{path.name} is missing"
    if digest_of_file(path) != facts.sha256:
        return f"{path.name} was altered: its SHA-256 is not the one in {MANIFEST}"
    return None


def _row_differences(name: str, facts: FileFacts, present: Board) -> Iterator[str]:
    of_matches = name in ("game_index.json", "matches.parquet")
    expected = present.matches if of_matches else len(present.rows)
    if facts.rows != expected:
        yield f"{name} has {facts.rows} entries, the store {expected}"


def _figure_differences(
    path: Path, read: Callable[[Path], Figures], present: Board
) -> Iterator[str]:
    try:
        published = read(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        yield f"{path.name} can't be read: {error}"
        return
    standing = {row.competitor: asdict(row) for row in present.rows}
    if path.suffix == ".csv":
        standing = {csv_value(name): _csv_row(row) for name, row in standing.items()}
    for name in sorted(published.keys() | standing.keys(), key=str):
        if name not in published:
            yield f"{path.name}: {name} is missing"
        elif name not in standing:
            yield f"{path.name}: {name} is not on the ladder"
        else:
            stored = standing[name]
            for field, value in published[name].items():
                if value != stored.get(field):
                    yield f"{path.name}: {name} has {field} {value}, the store {stored.get(field)}"


def _csv_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: csv_value(row[field]) for field in COLUMNS}


def _read_csv(path: Path) -> Figures:
    with path.open(encoding="utf-8", newline="") as file:
        return {str(row["competitor"]): dict(row) for row in csv.DictReader(file, strict=True)}


def _read_parquet(path: Path) -> Figures:
    import pyarrow.parquet as pq

    rows = pq.read_table(path, columns=list(COLUMNS)).to_pylist()
    return {row["competitor"]: row for row in rows}


def _read_simple(path: Path) -> Figures:
    stats = msgspec.json.decode(path.read_bytes(), type=dict[str, _SimpleStats])
    return {name: {**_figures(one), "top_score": one.top_score} for name, one in stats.items()}


def _read_stats(path: Path) -> Figures:
    stats = msgspec.json.decode(path.read_bytes(), type=dict[str, _Stats])
    return {name: {**_figures(one), "matches": len(one.games)} for name, one in stats.items()}


def _figures(stats: _Totals) -> dict[str, Any]:
    return {
        "rating": stats.elo,
        "wins": stats.wins,
        "losses": stats.losses,
        "ties": stats.ties,
        "score_total": stats.apples_eaten,
    }


_READERS: Mapping[str, Callable[[Path], Figures]] = {
    "stats.json": _read_stats,
    "stats_simple.json": _read_simple,
    "leaderboard.csv": _read_csv,
    "leaderboard.parquet": _read_parquet,
}


def _limited(differences: Iterator[str]) -> list[str]:
    every = list(differences)
    if len(every) <= _SHOWN:
        return every
    return [*every[:_SHOWN], f"... and {len(every) - _SHOWN} more differences of this file"]
