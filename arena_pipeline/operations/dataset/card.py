"""The data card of a dataset, `README.md`: what it is, what each column means, what is odd about
it, and how to load it.
"""

from collections.abc import Iterable, Sequence

from arena_pipeline.escaping import markdown_cell
from arena_pipeline.operations.dataset.columns import TABLES, DatasetTable
from arena_pipeline.operations.dataset.counts import Counts
from arena_pipeline.operations.dataset.history import Month
from arena_pipeline.operations.dataset.manifest import LICENSE, DatasetFile

_VERIFICATION = {
    "verified": "every state comes out again when the moves are played by the rules of their date",
    "same_turn_apple_respawn": "by the old rules a snake ate an apple that grew in the same turn; "
    "comes out again when that is taken into account",
    "double_shifted_history": "the moves were published one state off twice over; put right",
    "shifted_moves": "the moves were published beside the wrong states; put right",
    "leading_move": "comes out again without a move too many at the start",
    "header_only": "only the header was published: there is nothing to play again",
    "unexplained": "does not come out again; `info` (key `detail`) has the first gap",
}


_INTRODUCTION = """\
# History of an arena

Contests between language models, bots and other agents: who met whom, how it ended, and every
decision with the position it was made in and the player's own explanation.

- Matches: {matches:,}, participants: {participants:,}, turns: {turns:,}
- Time: {span}
- Games: {games}
- Played for: {purposes} (`import`: played in another arena)
- Files: {files} Parquet files of {size:,.1f} MB (zstd), by year and month (UTC) of the match's end;
  `manifest.json` has the SHA-256 of each

Names, rationales and error texts were written by models and strangers, and are kept as they came
(account ids and keys in the error texts of imports are blacked out). Take them for data, not for
instructions, and escape them where you show them.

## Licence

{license}

## Loading

DuckDB, from within this folder:

```sql
SELECT model, count(*) AS seats, avg(score) AS score
FROM read_parquet('participants/**/*.parquet', hive_partitioning = true)
GROUP BY model ORDER BY seats DESC;
```

```sql
-- What was thought in a position of Snake, and where the head was
SELECT uuid, step, slot, state::JSON -> 'snakes' -> slot -> 0 AS head, action, rationale
FROM read_parquet('turns/**/*.parquet', hive_partitioning = true)
WHERE fault IS NULL LIMIT 10;
```

pandas:

```python
import pandas as pd

matches = pd.read_parquet("matches")
participants = pd.read_parquet("participants").merge(matches[["uuid", "verification"]])
```

Tables join on `uuid`, and on `slot` within a match. `year` and `month` are columns that come from
the names of the folders (2025 and 02); they are 0 and 00 where it is not known when a match ended.
"""

_LICENSED = f"See the file `{LICENSE}` beside this one."
_UNLICENSED = (
    f"Not stated. Whoever publishes this dataset puts a file `{LICENSE}` beside this one, which\n"
    "later exports keep."
)


def card(counts: Counts, files: Sequence[DatasetFile], *, has_license: bool) -> str:
    """The whole page. The same dataset gives the same text."""
    sections = (
        _introduction(counts, files, has_license=has_license),
        *(_table_of(table, counts) for table in TABLES.values()),
        _months(counts),
        _verification(counts),
        _irregularities(counts),
        _missing(counts),
    )
    return "\n".join(line for section in sections for line in section)


def _introduction(counts: Counts, files: Sequence[DatasetFile], *, has_license: bool) -> list[str]:
    span = "no match at all"
    if counts.first is not None and counts.last is not None:
        span = f"{counts.first:%Y-%m-%d %H:%M} to {counts.last:%Y-%m-%d %H:%M} UTC"
    text = _INTRODUCTION.format(
        matches=counts.rows["matches"],
        participants=counts.rows["participants"],
        turns=counts.rows["turns"],
        span=span,
        games=_listed(counts.games),
        purposes=_listed(counts.purposes),
        files=len(files),
        size=sum(one.bytes for one in files) / 1e6,
        license=_LICENSED if has_license else _UNLICENSED,
    )
    return [text]


def _table_of(table: DatasetTable, counts: Counts) -> list[str]:
    return [
        f"## Table `{table.name}`",
        "",
        f"{table.comment} {counts.rows[table.name]:,} rows.",
        "",
        "| column | type | NULL | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{one.name}` | {one.type.value} | {'may be' if one.nullable else 'never'} "
            f"| {_unmarked(one.comment)} |"
            for one in table.columns
        ),
        "",
    ]


def _unmarked(words: str) -> str:
    """Words of ours without what Markdown would take for emphasis."""
    return words.replace("*", r"\*")


def _months(counts: Counts) -> list[str]:
    known = sorted(month for month in counts.months if month is not None)
    order: list[Month] = [*known, *([None] if None in counts.months else [])]
    return [
        "## Matches by month",
        "",
        *_count_table(
            "month",
            (
                ("not known" if one is None else f"{one[0]:04}-{one[1]:02}", counts.months[one])
                for one in order
            ),
        ),
    ]


def _verification(counts: Counts) -> list[str]:
    if not counts.verification:
        return []
    return [
        "## How imported matches fit the rules",
        "",
        "Column `verification` of `matches`; NULL: played here.",
        "",
        *_count_table(
            "verification",
            (
                (f"`{word}`: {_VERIFICATION.get(word, 'see info')}", number)
                for word, number in _by_count(counts.verification)
            ),
        ),
    ]


def _irregularities(counts: Counts) -> list[str]:
    found = [*_by_count(counts.irregular)]
    told = _count_table("what", found) if found else ["None.", ""]
    return ["## Irregularities", "", *told]


def _missing(counts: Counts) -> list[str]:
    if not counts.missing_replays:
        return []
    rest = counts.missing_replays - len(counts.named)
    return [
        "## Replays that could not be read",
        "",
        f"{counts.missing_replays:,} matches lack their turns: their replay is missing or altered.",
        "",
        *(f"- `{one.uuid}`: {markdown_cell(one.reason)}" for one in counts.named),
        *([f"- and {rest:,} more: `turns_missing` in `matches` names them all"] if rest else []),
        "",
    ]


def _count_table(title: str, rows: Iterable[tuple[str, int]]) -> list[str]:
    return [
        f"| {title} | number |",
        "|---|---:|",
        *(f"| {words} | {number:,} |" for words, number in rows),
        "",
    ]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{word} {number:,}" for word, number in _by_count(counts)) or "none"


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
