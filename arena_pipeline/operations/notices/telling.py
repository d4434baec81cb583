"""One look of the control room: what is new is written down, what is due is sent, in a bounded
time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from arena_pipeline.operations.notices import outbox
from arena_pipeline.operations.notices.checks import CheckResult, from_text, to_text, turned_bad
from arena_pipeline.operations.notices.collecting import FRESH, collect
from arena_pipeline.operations.notices.delivering import Delivered, deliver_due
from arena_pipeline.operations.notices.outbox import NoticeState
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Told:
    """What one look did. `cursor` is how the checks stand, to be given to the next look."""

    new: int
    delivered: Delivered
    waiting: int
    cursor: str

    def explain(self) -> str:
        """All of it in a sentence."""
        done = self.delivered
        facts = [
            f"{count} {what}"
            for count, what in (
                (self.new, "new"),
                (done.sent, "sent"),
                (done.failed, "not delivered"),
                (done.given_up, "given up"),
                (self.waiting, "waiting"),
            )
            if count
        ]
        if not facts:
            return "Nothing to tell."
        why = f" (the last failure: {done.error})" if done.error else ""
        return f"Notices: {', '.join(facts)}{why}."


def tell(
    store: Store,
    settings: Settings,
    results: Iterable[CheckResult],
    cursor: str | None,
    *,
    within_s: float,
) -> Told:
    """Write down what is to be told and send what is due, beginning nothing that could last longer
    than `within_s` seconds.

    `results` are those of checks, `cursor` what the last look gave. If that look was interrupted
    before its cursor was kept, the same results come again and their keys are known. Raises
    BadNoticeAddress.
    """
    now = datetime.now(UTC)
    turned, known = turned_bad(from_text(cursor), results, now - FRESH)
    new = collect(store, settings, turned, now=now)
    delivered = deliver_due(store, settings, within_s=within_s)
    waiting = outbox.counts(store)[NoticeState.WAITING]
    return Told(new, delivered, waiting, to_text(known))
