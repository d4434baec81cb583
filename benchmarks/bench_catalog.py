"""Parsing and syncing a catalog of 400 models, against a bare `json.loads` with one upsert per
model.

Two days are measured on SQLite: a typical one (5 models repriced, 3 added, 1 removed, the rest as
it was but for descriptions and benchmarks, which change daily) and the worst (nearly every model
repriced, renamed or with other limits, 60 added, 50 removed). Each round takes the day over into a
fresh copy of a store that knows the day before; the two ways take turns.

The bare way writes the same columns of `models`, details included, in one transaction of the same
engine. It leaves out all else that a sync is for: checking rows, comparing them with what is known,
history of prices and names, the snapshot with its changes, and keeping the file.
Run: python -m benchmarks.bench_catalog
"""

import gc
import json
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.sqlite import insert

from arena_pipeline.catalog.snapshot import parse
from arena_pipeline.registry.syncing.sync import sync_catalog
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline.store.tables import Model

MODELS = 400
ROUNDS = 15
MOST_SECONDS = 0.5
MOST_TIMES_BARE = 3.0

DAY_BEFORE, DAY = datetime(2026, 1, 1, 6, tzinfo=UTC), datetime(2026, 1, 2, 6, tzinfo=UTC)
PARAMETERS = (
    "frequency_penalty include_reasoning logit_bias logprobs max_tokens min_p presence_penalty "
    "reasoning repetition_penalty response_format seed stop structured_outputs temperature "
    "tool_choice tools top_k top_logprobs top_p"
)
ARENAS = "website game chart dataviz component code logo slides svg"
WORDS = "a model that answers long questions with care and short ones at once in many languages"

Row = dict[str, Any]


def model(number: int, chance: random.Random) -> Row:
    """A row as rich as those of 2026: about 2.5 kB."""
    slug = f"vendor{number % 40}/model-{number}"
    prompt = chance.randint(1, 500)
    pricing: Row = {"prompt": f"0.{prompt:08d}", "completion": f"0.{prompt * 4:08d}"}
    pricing |= {"input_cache_read": f"0.{prompt:09d}", "web_search": "0.01"}
    if number % 7 == 0:
        longer = {"prompt": f"0.{prompt * 2:08d}", "completion": f"0.{prompt * 8:08d}"}
        pricing["overrides"] = [{"min_prompt_tokens": 200_000, **longer}]
    row: Row = {
        "id": slug,
        "canonical_slug": f"{slug}-20260101",
        "hugging_face_id": f"{slug}-instruct",
        "name": f"Vendor {number % 40}: Model {number}",
        "created": 1_700_000_000 + 86_400 * number,
        "description": "",
        "context_length": 131_072,
        "architecture": {
            "modality": "text+image->text",
            "input_modalities": ["text", "image"],
            "output_modalities": ["text"],
            "tokenizer": "Other",
            "instruct_type": None,
        },
        "pricing": pricing,
        "top_provider": {
            "context_length": 131_072,
            "max_completion_tokens": 16_384,
            "is_moderated": False,
        },
        "per_request_limits": None,
        "supported_parameters": sorted(chance.sample(PARAMETERS.split(), 14)),
        "default_parameters": {"temperature": 0.6, "top_p": 0.95, "frequency_penalty": None},
        "supported_voices": None,
        "knowledge_cutoff": "2025-06-30",
        "expiration_date": None,
        "links": {"details": f"/api/v1/models/{slug}-20260101/endpoints"},
        "reasoning": {"mandatory": False, "supported_efforts": ["high", "medium", "low"]},
    }
    return row | what_changes_daily(number, chance)


def what_changes_daily(number: int, chance: random.Random) -> Row:
    """Description and benchmarks, which are no change of a model."""
    arenas = [
        {"arena": name, "elo": round(chance.uniform(900, 1400), 2), "rank": chance.randint(1, 200)}
        for name in ARENAS.split()
    ]
    indices = {f"{name}_index": chance.uniform(0, 100) for name in ("quality", "coding", "agentic")}
    described = " ".join(chance.choices(WORDS.split(), k=170)) + "..."
    if number % 2:
        return {"description": described}
    return {
        "description": described,
        "benchmarks": {"design_arena": arenas, "artificial_analysis": indices},
    }


def typical_day(before: list[Row], chance: random.Random) -> list[Row]:
    """5 repriced, 3 added, 1 removed."""
    rows = [row | what_changes_daily(n, chance) for n, row in enumerate(before)]
    for row in chance.sample(rows[1:], 5):
        row["pricing"] = row["pricing"] | {"prompt": "0.0000077"}
    return rows[1:] + [model(MODELS + n, chance) for n in range(3)]


def worst_day(before: list[Row], chance: random.Random) -> list[Row]:
    """Every model that stays is changed, 50 go, 60 come."""
    rows = [row | what_changes_daily(n, chance) for n, row in enumerate(before)][50:]
    for number, row in enumerate(rows):
        change: Row = [
            {"pricing": row["pricing"] | {"prompt": "0.0000077"}},
            {"name": f"{row['name']} (new)"},
            {"context_length": 262_144},
        ][number % 3]
        row.update(change)
    return rows + [model(MODELS + n, chance) for n in range(60)]


def bare(store: Store, body: bytes) -> None:
    """Load, and upsert every model."""
    rows = [
        {
            "slug": row["id"],
            "source": "openrouter",
            "vendor": row["id"].partition("/")[0],
            "client_name": row["id"],
            "display_name": row["name"],
            "price_prompt": Decimal(row["pricing"]["prompt"]).scaleb(6),
            "price_completion": Decimal(row["pricing"]["completion"]).scaleb(6),
            "upstream_created_at": datetime.fromtimestamp(row["created"], UTC),
            "context_length": row["context_length"],
            "max_completion_tokens": row["top_provider"]["max_completion_tokens"],
            "details": row,
            "discovered_at": DAY,
            "last_seen_at": DAY,
        }
        for row in json.loads(body)["data"]
    ]
    statement = insert(Model)
    updated = {name: statement.excluded[name] for name in rows[0] if name != "discovered_at"}
    with store.write() as connection:
        connection.execute(
            statement.on_conflict_do_update(index_elements=[Model.slug], set_=updated), rows
        )


def sync(store: Store, body: bytes, at: datetime, folder: Path) -> None:
    """Parse and take over, as `arena sync` does once it has the bytes."""
    sync_catalog(store, body, source="benchmark", fetched_at=at, catalog_dir=folder)


def seconds(act: Callable[[], object]) -> float:
    """Time of one call, which pays for its own garbage only."""
    gc.collect()
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def measure(name: str, folder: Path, before: bytes, after: bytes) -> None:
    """Print the medians of both ways and their ratio."""
    known = folder / f"{name}.sqlite3"
    with closing(open_store(f"sqlite:///{known}")) as store:
        migrate(store)
        sync(store, before, DAY_BEFORE, folder)
    times: dict[str, list[float]] = {"parse": [], "sync": [], "bare": []}
    for number in range(ROUNDS + 1):
        ours, theirs = (
            open_store(f"sqlite:///{shutil.copy(known, folder / f'{name}-{number}-{way}')}")
            for way in ("ours", "bare")
        )
        times["parse"].append(seconds(partial(parse, after)))
        times["sync"].append(seconds(partial(sync, ours, after, DAY, folder / f"{name}-{number}")))
        times["bare"].append(seconds(partial(bare, theirs, after)))
        ours.close()
        theirs.close()
    parsing, syncing, baseline = (statistics.median(taken[1:]) for taken in times.values())
    print(
        f"{name:12} parse and sync {syncing * 1000:4.0f} ms (target {MOST_SECONDS * 1000:.0f}), "
        f"of it parse {parsing * 1000:.0f} ms; bare {baseline * 1000:.0f} ms; "
        f"{syncing / baseline:.2f} times bare (target {MOST_TIMES_BARE})"
    )


def main() -> None:
    chance = random.Random(1)
    first = [model(number, chance) for number in range(MODELS)]
    before = json.dumps({"data": first}).encode()
    print(f"{MODELS} models, {len(before) / MODELS / 1000:.1f} kB each")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        for name, day in (("typical day", typical_day), ("worst day", worst_day)):
            after = json.dumps({"data": day(first, chance)}).encode()
            measure(name, Path(folder), before, after)


if __name__ == "__main__":
    main()
