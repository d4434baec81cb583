"""`arena verify` and `arena doctor`: whether everything is as it should be, and what to do where it
is not.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Screen, add_rows, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from arena_pipeline.doctor import Finding
    from arena_pipeline.matches.verifying import Verification

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@command("verify")
def verify(
    session: Session,
    uuids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[UUID]...", help="Matches to verify; unset: all of them."),
    ] = None,
) -> int:
    """Play recorded matches again from their replays and compare every state.

    An import that holds only by a reason which its replay shows is counted and named, and is no
    failure.
    """
    from arena_pipeline.leaderboard.overview import counts
    from arena_pipeline.matches.verifying import Status, verify_matches

    screen = session.screen
    seen: Counter[str] = Counter()
    failures, explained = [], []
    store = session.ready_store()
    total = len(uuids) if uuids else counts(store).matches
    with screen.progress("Verifying") as advance:
        for one in verify_matches(store, session.settings.replay_dir, uuids or None):
            seen[one.status] += 1
            advance(seen.total(), total)
            if one.status is Status.EXPLAINED:
                explained.append(one)
            if one.status is Status.FAILED:
                failures.append(one)
                if not screen.as_json:
                    screen.show(
                        Text.assemble((f"{clean(one.uuid)} ", "bold red"), clean(one.detail))
                    )
    if screen.as_json:
        screen.document(
            {
                **{status.value: seen[status] for status in Status if status != Status.EXPLAINED},
                "failures": failures,
                "explained": [{"uuid": one.uuid, "reason": one.reason} for one in explained],
            }
        )
    else:
        _show_explained(screen, explained)
        without = f", {seen[Status.NO_REPLAY]} without a replay" if seen[Status.NO_REPLAY] else ""
        held = f", {len(explained)} explained" if explained else ""
        screen.show(
            f"{seen[Status.VERIFIED]} matches verified{held}, "
            f"{seen[Status.FAILED]} failed{without}."
        )
    return 1 if failures else 0


def _show_explained(screen: Screen, explained: Sequence["Verification"]) -> None:
    """Each match that holds by a reason, and how many do by each."""
    if not explained:
        return
    named = sorted(explained, key=lambda one: (one.reason or "", one.uuid))
    screen.show(
        add_rows(
            table("reason", "match", whole=("match",)), ((one.reason, one.uuid) for one in named)
        )
    )
    counts = Counter(str(one.reason) for one in named)
    screen.show(add_rows(table("reason", "matches", right=("matches",)), sorted(counts.items())))


@command("doctor")
def doctor(session: Session) -> int:
    """Examine the arena - store, disk, catalog, port, ratings - and say what to do."""
    from arena_pipeline.doctor import Health, examine

    findings = []
    for finding in examine(session.settings):
        findings.append(finding)
        if not session.screen.as_json:
            session.screen.show(_line(finding))
    failed = any(finding.health is Health.FAIL for finding in findings)
    if session.screen.as_json:
        session.screen.document({"healthy": not failed, "findings": findings})
    return 1 if failed else 0


def _line(finding: "Finding") -> Text:
    line = Text.assemble(
        (f"{finding.health.value:<4}  ", _STYLES[finding.health]),
        (f"{finding.subject:<11}  ", "bold"),
        clean(finding.what),
    )
    if finding.advice is not None:
        line.append(f"\n{'':<19}-> {clean(finding.advice)}", style="cyan")
    return line
