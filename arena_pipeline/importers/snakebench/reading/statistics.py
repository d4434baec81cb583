"""Index and statistics files of SnakeBench: recognised by their shape, read strictly.

A file is one of them if any of its entries is; then every entry has to be, or the file is damaged.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from arena_pipeline.importers.snakebench.reading.bounds import LONGEST_NAME
from arena_pipeline.leaderboard.published import (
    Figures,
    GameRecord,
    Published,
    PublishedKind,
)
from arena_pipeline.store.types import clean_text

_MOST = 2**31 - 1
"""The largest count that the store's columns hold."""

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
Number = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]


class _Totals(msgspec.Struct):
    wins: Count
    losses: Count
    ties: Count
    apples_eaten: Number
    elo: Number | None = None
    top_score: Number | None = None
    first_game_time: str | None = None
    last_game_time: str | None = None


class _Death(msgspec.Struct):
    reason: str | None = None
    round: int | None = None


class _Game(msgspec.Struct):
    game_id: str
    my_score: Number | None
    result: str | None
    opponent_score: Number | None = None
    opponent_model: str | None = None
    opponent_elo: Number | None = None
    start_time: str | None = None
    end_time: str | None = None
    death_info: _Death | None = None


class _Skill(msgspec.Struct):
    name: str
    trueskill_mu: Number
    trueskill_sigma: Number
    trueskill_exposed: Number | None = None
    wins: Count | None = None
    losses: Count | None = None
    ties: Count | None = None
    apples_eaten: Number | None = None
    games_played: Count | None = None


class _Entry(msgspec.Struct):
    game_id: str
    filename: str


_TOTALS = {"wins", "losses", "ties"}
_OPTIONAL = ("opponent_elo", "start_time", "end_time", "death_info")
_EMPTY = {
    "stats.json": PublishedKind.STATS,
    "stats_simple.json": PublishedKind.STATS_SIMPLE,
    "game_index.json": PublishedKind.INDEX,
}
"""Files that are what their name says although they have no entry by which to tell."""


def recognised(document: object, file_name: str) -> Published | None:
    """What a JSON document says if it is an index or statistics file; None if it is neither.

    Raises ValueError for one that is damaged, saying which entry and why.
    """
    match document:
        case {} | [] if not document:
            kind = _EMPTY.get(file_name)
            return None if kind is None else Published(kind, games=_games_of(kind))
        case {"ratings": dict(ratings), "game_ids": list(ids)}:
            return _state(ratings, ids)
        case dict() if any(_has(value, _TOTALS) for value in document.values()):
            if any(_has(value, {"games"}) for value in document.values()):
                return _stats(document)
            return Published(PublishedKind.STATS_SIMPLE, _figures(document))
        case list() if any(_has(entry, {"name", "trueskill_mu"}) for entry in document):
            return Published(PublishedKind.TRUESKILL, _skills(document))
        case list() if any(_has(entry, {"game_id", "filename"}) for entry in document):
            entries = [_read(_Entry, entry, at) for at, entry in enumerate(document, 1)]
            games = frozenset(clean_text(entry.game_id) for entry in entries)
            return Published(PublishedKind.INDEX, games=games)
    return None


def _games_of(kind: PublishedKind) -> frozenset[str] | None:
    return None if kind is PublishedKind.STATS_SIMPLE else frozenset()


def _has(value: object, keys: set[str]) -> bool:
    return isinstance(value, dict) and keys <= value.keys()


def _state(ratings: Mapping[str, Any], ids: list[object]) -> Published:
    games = frozenset(clean_text(one) for one in ids if isinstance(one, str))
    if len(games) < len(ids):
        raise ValueError("its game_ids are not so many different texts")
    return Published(PublishedKind.STATE, _figures(ratings), games)


def _stats(document: Mapping[str, Any]) -> Published:
    records: list[GameRecord] = []
    played: dict[str, int] = {}
    tells: set[str] = set()
    for name, value in document.items():
        games = value.get("games") if isinstance(value, dict) else None
        if not isinstance(games, list):
            raise ValueError(f"{name!r} has no list of games")
        played[name] = len(games)
        for game in games:
            records.append(_record(clean_text(name), _read(_Game, game, name)))
            tells.update(key for key in _OPTIONAL if key in game)
    covered = frozenset(record.game_id for record in records)
    figures = _figures(document, played)
    return Published(PublishedKind.STATS, figures, covered, records, frozenset(tells))


def _record(competitor: str, game: _Game) -> GameRecord:
    death = game.death_info
    return GameRecord(
        game_id=clean_text(game.game_id),
        competitor=competitor,
        my_score=game.my_score,
        result=game.result,
        opponent_score=game.opponent_score,
        opponent_model=None if game.opponent_model is None else clean_text(game.opponent_model),
        opponent_elo=game.opponent_elo,
        start_time=game.start_time,
        end_time=game.end_time,
        death=None if death is None else (death.reason, death.round),
    )


def _figures(
    ratings: Mapping[str, Any], played: Mapping[str, int] | None = None
) -> tuple[Figures, ...]:
    made = []
    for name, value in ratings.items():
        totals = _read(_Totals, value, name)
        counted = totals.wins + totals.losses + totals.ties
        made.append(
            Figures(
                competitor=clean_text(name),
                elo=totals.elo,
                matches=counted if played is None else played[name],
                wins=totals.wins,
                losses=totals.losses,
                ties=totals.ties,
                score_total=totals.apples_eaten,
                top_score=totals.top_score,
                first_game_time=totals.first_game_time,
                last_game_time=totals.last_game_time,
            )
        )
    return _distinct(made)


def _skills(document: list[object]) -> tuple[Figures, ...]:
    made = []
    for at, value in enumerate(document, 1):
        skill = _read(_Skill, value, at)
        made.append(
            Figures(
                competitor=clean_text(skill.name),
                trueskill_mu=skill.trueskill_mu,
                trueskill_sigma=skill.trueskill_sigma,
                trueskill_exposed=skill.trueskill_exposed,
                matches=skill.games_played,
                wins=skill.wins,
                losses=skill.losses,
                ties=skill.ties,
                score_total=skill.apples_eaten,
            )
        )
    return _distinct(made)


def _distinct(made: Iterable[Figures]) -> tuple[Figures, ...]:
    by_name: dict[str, Figures] = {}
    for one in made:
        if len(one.competitor.encode()) > LONGEST_NAME:
            raise ValueError(f"a name in it is {len(one.competitor):,} long")
        if by_name.setdefault(one.competitor, one) is not one:
            raise ValueError(f"{one.competitor!r} is in it twice")
    return tuple(by_name.values())


def _read(kind: type[T], value: object, where: str | int) -> T:
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        entry = repr(where) if isinstance(where, str) else f"entry {where}"
        raise ValueError(f"{entry}: {error}") from error
