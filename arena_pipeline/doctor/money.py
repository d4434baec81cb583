"""Whether the money set aside for calls belongs to calls that are under way."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from arena_pipeline.calls.spending.accounts import TOTAL_KEY, on_accounts
from arena_pipeline.calls.spending.auditing import Astray, astray
from arena_pipeline.calls.spending.losing import stale_calls
from arena_pipeline.doctor.findings import Finding, counted
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.types import plain_decimal


def set_aside(store: Store, settings: Settings, now: datetime) -> Finding:
    """Whether each budget holds what its calls under way may cost, and somebody waits for them."""
    wrong, stale = astray(store), stale_calls(store, settings, now)
    with store.read() as connection:
        held = on_accounts(connection, [TOTAL_KEY])[TOTAL_KEY].reserved
    return judge_set_aside(wrong, len(stale), held)


def judge_set_aside(wrong: Sequence[Astray], stale: int, held: Decimal) -> Finding:
    """From the budgets that hold something else, the calls that nobody waits for, and the USD set
    aside in all.
    """
    if wrong:
        one = wrong[0]
        return Finding.fail(
            "money",
            f"{counted(len(wrong), 'budget')} hold what no call under way explains: "
            f"{one.key.budget} holds {plain_decimal(one.reserved)} USD for calls worth "
            f"{plain_decimal(one.under_way)}",
            "arena budget --mend",
        )
    if stale:
        return Finding.warn(
            "money",
            f"{counted(stale, 'call')} of processes that died "
            f"{'is' if stale == 1 else 'are'} still counted as under way",
            "arena budget gives them up; so does whoever takes up their matches",
        )
    return Finding.ok("money", f"{plain_decimal(held)} USD set aside, all for calls under way")
