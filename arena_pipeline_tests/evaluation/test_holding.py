"""For how long a placement is held up, and what of it is sat out."""

from datetime import UTC, datetime, timedelta

import pytest

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import Refused
from arena_pipeline.evaluation.holding import PATIENCE, HeldUp, kind_of, pause_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)


def test_what_passes_by_itself_is_sat_out_until_its_time() -> None:
    assert pause_of(HeldUp("rate: too many", SOON), 0.0, NOW) == 30


@pytest.mark.parametrize("kind", ["budget", "quota", "stopped", "paused", "no_key", "no_price"])
def test_what_does_not_is_left_to_others(kind: str) -> None:
    assert pause_of(HeldUp(f"{kind}: alas", SOON), 0.0, NOW) is None


def test_nothing_is_sat_out_for_long_be_it_at_once_or_bit_by_bit() -> None:
    assert pause_of(HeldUp("circuit: alas", NOW + timedelta(hours=1)), 0.0, NOW) is None
    assert pause_of(HeldUp("circuit: alas", SOON), PATIENCE.total_seconds() - 20, NOW) is None


def test_where_nobody_said_until_when_it_depends_on_what_lacks() -> None:
    def until(why: str) -> datetime:
        return HeldUp.by(why, None, NOW).until

    assert until("paused: the arena is paused") == NOW
    assert NOW < until("concurrency: all are under way") < until("budget: all is spent")
    assert HeldUp.by("budget: all is spent", SOON, NOW).until == SOON


def test_a_refusal_says_what_lacks_first() -> None:
    held = HeldUp.by_refusal(Refused(RefusalKind.QUOTA, "50 of 50 calls", SOON), NOW)

    assert (held.why, held.until, held.kind) == ("quota: 50 of 50 calls", SOON, RefusalKind.QUOTA)
    assert kind_of("who knows") is None
