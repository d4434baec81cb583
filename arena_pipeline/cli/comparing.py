"""How two ladders side by side, and a ladder of some of its matches, look as tables."""

from typing import TYPE_CHECKING

from arena_pipeline.cli.screen import Widest, add_rows, table

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.leaderboard.restricted import Selection
    from arena_pipeline.leaderboard.side_by_side import Moved, Place, SideBySide


def side_table(compared: "SideBySide") -> Widest:
    """Both ladders, a line for each competitor of the first; on a narrow terminal without the
    numbers of matches.
    """
    return Widest(_side_table(compared, wide=True), _side_table(compared, wide=False))


def why(moved: "Moved") -> str:
    """Why a competitor stands elsewhere on the second ladder, in words."""
    said = [f"{reason} {count}" for reason, count in moved.not_counted.items()]
    parts = [f"not counted: {', '.join(said)}"] if said else []
    if moved.joined_with:
        parts.append(f"joined with {', '.join(moved.joined_with)}")
    if moved.more:
        parts.append(f"{moved.more} only there")
    if not parts and moved.change:
        return "only its opponents' ratings differ"
    return "; ".join(parts)


def selection_table(made: "Selection") -> "Table":
    """The standings that some matches alone would give."""
    columns = ("competitor", "rating", "played", "won", "lost", "tied", "score", "top")
    filled = table(*columns, title=f"{made.ladder}, of these matches alone", right=columns[1:])
    for one in made.standings:
        rating = one.mean_score if one.elo is None else one.elo
        totals = (one.matches, one.wins, one.losses, one.ties, f"{one.score_total:g}")
        top = None if one.top_score is None else f"{one.top_score:g}"
        add_rows(filled, [(one.competitor, f"{rating:.1f}", *totals, top)])
    return filled


def _side_table(compared: "SideBySide", *, wide: bool) -> "Table":
    played = ("played",) if wide else ()
    title = f"{compared.one} and {compared.other} side by side"
    columns = ("competitor", "#", "rating", *played, "there", "#", "rating", *played)
    made = table(*columns, "change", "ranks", "why", title=title, right=_NUMBERS)
    for row in compared.rows:
        change = None if row.change is None else f"{row.change:+.1f}"
        climbed = None if row.climbed is None else f"{row.climbed:+d}"
        places = (*_cells(row.one, wide=wide), *_cells(row.other, wide=wide))
        add_rows(made, [(*places, change, climbed, why(row) or None)])
    return made


_NUMBERS = ("#", "rating", "played", "change", "ranks")


def _cells(place: "Place | None", *, wide: bool) -> tuple[object, ...]:
    if place is None:
        return (None,) * (4 if wide else 3)
    cells = (place.competitor, place.rank, f"{place.rating:.1f}")
    return (*cells, place.matches) if wide else cells
