"""The Dagster UI as a person sees it: Chromium on an arena of which one replay was altered."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from arena_pipeline_tests.e2e.conftest import UpProcess, free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A browser that runs as root, draws without a graphics card and talks to the arena alone."""

PATIENCE_MS = 20_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to look at the UI with")


@pytest.fixture
def ui(
    arena_up: Callable[..., UpProcess],
    environment: dict[str, str],
    folder: Path,
    models_file: Path,
) -> Iterator[str]:
    """Address of the UI of an arena of two bots; one replay was altered before its last pass."""
    models_file.write_text(
        "bots:\n  - {alias: random, policy: random}\n  - {alias: greedy, policy: greedy}\n",
        encoding="utf-8",
    )
    first = arena_up("--no-serve")
    assert first.process.wait(timeout=120) == 0, first.output
    altered(folder)
    environment["ARENA_PORT"] = str(free_port())
    up = arena_up(ARENA_PORT=environment["ARENA_PORT"])
    up.until_printed("Dagster UI")
    assert "replays_are_whole" in up.output
    yield f"http://127.0.0.1:{environment['ARENA_PORT']}"
    code, _ = up.stop()
    assert code == 0, "what failed was shown and served; being stopped is no failure"


def altered(folder: Path) -> None:
    """Change one replay."""
    replay = min(path for path in (folder / "replays").rglob("*") if path.is_file())
    replay.write_bytes(replay.read_bytes() + b"\0")


@pytest.fixture
def page() -> Iterator[Page]:
    """An empty page in a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page
        browser.close()


def test_a_person_sees_graph_leaderboard_skip_reason_and_failed_check(ui: str, page: Page) -> None:
    page.goto(f"{ui}/asset-groups")
    for group in ("catalog", "registry", "evaluation", "matches", "ratings", "publishing"):
        expect(page.get_by_text(group, exact=True).first).to_be_visible()

    page.goto(f"{ui}/assets/leaderboard?view=events")
    expect(page.get_by_text("greedy").first).to_be_visible()

    page.goto(f"{ui}/locations/arena_pipeline/sensors/untested_agents")
    page.get_by_role("button", name="0 runs requested").first.click()
    expect(page.get_by_text(re.compile("2 agents ranked; .* wait: ")).first).to_be_visible()

    page.goto(f"{ui}/assets/matches?view=checks&checkDetail=replays_are_whole")
    expect(page.get_by_text(re.compile(r"\baltered")).first).to_be_visible()
