"""`arena notices`: what the webhook was told, what waits, and trying whether it listens."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.screen import Widest, add_rows, many, table
from arena_pipeline.errors import ArenaError

if TYPE_CHECKING:
    from arena_pipeline.operations.notices.outbox import Notice, NoticeState

ALL = 1_000_000
LONGEST_S = 24 * 3600.0
"""A command sends everything, however long it takes: Ctrl-C ends it."""

NO_ADDRESS = "Nothing is sent: no address is set (ARENA_NOTIFY_URL)."

notices_group = group(
    "notices", "List the notices of failures and exhausted budgets, with what became of each."
)


@command("list", of=notices_group, hidden=True)
def notices(
    session: Session,
    state: Annotated[
        str | None,
        typer.Option(metavar="STATE", help="Only these: waiting, sent or given up."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many notices at most.")
    ] = 50,
) -> None:
    """List notices, the newest first."""
    from arena_pipeline.operations.notices import outbox

    store = session.ready_store()
    rows = outbox.notices(store, state=None if state is None else _state(state), limit=limit)
    screen = session.screen
    if screen.as_json:
        totals = {str(name): count for name, count in outbox.counts(store).items()}
        shown = [asdict(one) | {"state": str(one.state)} for one in rows]
        screen.document({"counts": totals, "notices": shown})
        return
    if rows:
        screen.show(_table(rows))
    else:
        screen.show("There are no notices.")
    if session.settings.notify_url is None:
        screen.notice(NO_ADDRESS)


@command("send", of=notices_group)
def send(session: Session) -> int:
    """Look for what is to be told and deliver all that is due."""
    from arena_pipeline.operations.notices.collecting import collect
    from arena_pipeline.operations.notices.delivering import deliver_due
    from arena_pipeline.operations.notices.outbox import NoticeState, counts
    from arena_pipeline.operations.notices.posting import need_address

    store, screen = session.ready_store(), session.screen
    need_address(session.settings)
    found = collect(store, session.settings)
    waiting = counts(store)[NoticeState.WAITING]
    with screen.progress("Sending notices") as advance:
        done = deliver_due(
            store,
            session.settings,
            most=ALL,
            within_s=LONGEST_S,
            on_tried=lambda tried: advance(tried, waiting),
        )
    left = counts(store)[NoticeState.WAITING]
    if screen.as_json:
        screen.document({"new": found, **asdict(done), "waiting": left})
    else:
        screen.show(f"{many(done.sent, 'notice')} sent, {done.failed} failed, {left} waiting.")
        if done.error:
            screen.notice(f"The last failure: {done.error}")
    return 1 if done.failed else 0


@command("test", of=notices_group)
def test(session: Session) -> int:
    """Send a test notice at once and tell what the receiver answered."""
    from arena_pipeline.operations.notices.delivering import send_test

    outcome = send_test(session.ready_store(), session.settings)
    screen = session.screen
    if screen.as_json:
        screen.document(
            {"arrived": outcome.arrived, "status": outcome.status, "error": outcome.error}
        )
    elif outcome.arrived:
        screen.show(f"The test notice arrived (HTTP {outcome.status}).")
    else:
        screen.failure(f"The test notice did not arrive: {outcome.error}")
    return 0 if outcome.arrived else 1


class UnknownState(ArenaError):
    """A word that is no state of a notice."""


def _state(word: str) -> "NoticeState":
    from arena_pipeline.operations.notices.outbox import NoticeState

    try:
        return NoticeState(word.replace("_", " ").replace("-", " "))
    except ValueError as error:
        known = ", ".join(NoticeState)
        raise UnknownState(f"{word!r} is no state of a notice; there are: {known}") from error


def _table(rows: "tuple[Notice, ...]") -> Widest:
    lines = [
        (one.happened_at, one.kind.replace("_", " "), str(one.state), one.attempts, one.title,
         one.error or "")
        for one in rows
    ]  # fmt: skip
    columns = ("happened", "kind", "state", "tries", "what", "last failure")
    whole = ("happened", "kind", "state")
    return Widest(
        add_rows(table(*columns, right=("tries",), whole=whole), lines),
        add_rows(
            table("happened", "state", "what", whole=("happened", "state")),
            ((happened, state, what) for happened, _, state, _, what, _ in lines),
        ),
    )
