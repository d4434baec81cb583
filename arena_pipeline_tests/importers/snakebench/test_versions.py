"""Of several versions of a game the best is kept, in whatever order they come."""

import hashlib
from itertools import permutations
from pathlib import Path

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.telling.report import (
    Counts,
)
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_defaults
from arena_pipeline.leaderboard.voiding import void
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.migrate import migrate
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.importers.snakebench.conftest import Import
from arena_pipeline_tests.importers.snakebench.looking import one_match
from arena_pipeline_tests.importers.snakebench.makers import make, new_id


def test_versions_in_any_order_come_to_the_same(history: Path, tmp_path: Path) -> None:
    contents = {layout: make(layout, 1, start="2025-06-20T09:15:00.000003") for layout in VERSIONS}
    left = []
    for number, order in enumerate(permutations(VERSIONS)):
        store = open_store(f"sqlite:///{tmp_path / f'{number}.sqlite3'}")
        migrate(store)
        ensure_defaults(store)
        replays = tmp_path / str(number) / "replays"
        for layout in order:
            file = history / ("h.jsonl" if layout == "header" else f"{layout}.json")
            file.write_bytes(contents[layout])
            import_history(store, replays, [file], workers=1)
        row = one_match(store)
        left.append((row.source_digest, row.info["layout"], len(list(replays.rglob("*.zst")))))
        assert compare(store, "snakebench") == compare(store, "snake") == []
        assert [str(one.status) for one in verify_matches(store, replays)] == ["verified"]
        store.close()

    assert set(left) == {(hashlib.sha256(contents["v0b_native"]).hexdigest(), "v0b_native", 1)}


VERSIONS = ("header", "v1_migrated", "v0b_native")


def test_of_versions_in_one_run_the_best_wins_and_the_report_says_by_which(
    history: Path, take: Import
) -> None:
    for layout in VERSIONS:
        name = "h.jsonl" if layout == "header" else f"{layout}.json"
        (history / name).write_bytes(make(layout, 1, start="2025-06-20T09:15:00.000003"))

    report = take(history)

    assert report.documents["v0b_native"].imported == 1
    assert {(Path(one.path).name, Path(one.by).name) for one in report.superseded} == {
        ("h.jsonl:1", "v0b_native.json"),
        ("v1_migrated.json", "v0b_native.json"),
    }
    assert report.superseded_by == {
        ("header", "v0b_native"): 1,
        ("v1_migrated", "v0b_native"): 1,
    }


def test_a_better_version_takes_the_place_of_what_is_stored(
    store: Store, replay_dir: Path, history: Path, take: Import
) -> None:
    (history / "h.jsonl").write_bytes(make("header", 1))
    take(history)
    before = one_match(store)
    (history / "a.json").write_bytes(make("v0a", 1))

    report = take(history)

    row = one_match(store)
    assert report.improved == (row.uuid,)
    assert (row.id, row.revision, before.revision) == (before.id, 1, 0)
    assert (before.replay_missing, row.replay_missing) == ("only its header was published", None)
    assert (replay_dir / row.replay_path).is_file()
    assert compare(store, "snakebench") == compare(store, "snake") == []
    assert [(one.action, one.subject) for one in audit(store)][:2] == [
        ("import", "snakebench"),
        ("improve", row.uuid),
    ]
    worse = take(history)
    assert worse.superseded_by == {("header", "v0a"): 1}
    assert (worse.changed, worse.documents["header"].superseded) == (False, 1)


def test_a_voided_match_stays_void_when_a_better_version_comes(
    store: Store, history: Path, take: Import
) -> None:
    (history / "h.jsonl").write_bytes(make("header", 1))
    take(history)
    void(store, [new_id(1)], actor="anna", reason="not ours")
    (history / "a.json").write_bytes(make("v0a", 1))

    take(history)

    row = one_match(store)
    assert (row.state, row.void_reason, row.info["layout"]) == ("void", "not ours", "v0a")
    assert compare(store, "snakebench") == compare(store, "snake") == []


def test_the_same_bytes_twice_count_once(history: Path, store: Store, take: Import) -> None:
    for name in ("b.json", "a.json", "c.json"):
        (history / name).write_bytes(make("v0a", 1))

    report = take(history / "c.json", history / "b.json", history)

    assert report.all_documents == Counts(found=3, imported=1, superseded=2)
    assert {(one.by, one.same_bytes) for one in report.superseded} == {
        (str(history / "a.json"), True)
    }
    assert one_match(store).source_path == str(history / "a.json")


def test_a_match_played_here_is_never_replaced(
    store: Store, recorder: Recorder, history: Path, take: Import
) -> None:
    agents = add_agents(store, "anna", "bert")
    played = finished_match(store, [agents["anna"], agents["bert"]])
    recorder.record([played])
    (history / "a.json").write_bytes(
        make("v0a", 1).replace(new_id(1).encode(), played.uuid.encode())
    )

    report = take(history)

    assert "was played here" in report.rejected[0].reason
    assert one_match(store).purpose == "league"
