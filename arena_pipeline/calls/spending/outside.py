"""Money for calls that belong to no match, such as the one by which somebody tries a gateway.

They have no row in the ledger, so they are charged in full before they are sent: a process that
dies between leaves too much charged, never too little.
"""

from datetime import datetime
from decimal import Decimal

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import Refused
from arena_pipeline.calls.spending.accounts import ZERO, Accounts, Amounts, charged
from arena_pipeline.calls.spending.caps import Caps
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


def charge_outside(
    store: Store, settings: Settings, gateway: str, most: Decimal, now: datetime
) -> Refused | None:
    """Charge the total and the gateway's day with the most that a call may cost (USD); None: done,
    and it may be sent. What costs nothing always fits.

    The accounts are held while it is decided (BEGIN IMMEDIATE, or row locks). Not to be repeated
    for the same call.
    """
    if not most:
        return None
    keys = charged(gateway, now)
    with store.write() as connection:
        accounts = Accounts(store, connection, keys)
        for key, cap in Caps(connection, settings, [gateway]).over(keys):
            if cap.lacks(accounts[key], most):
                return Refused(RefusalKind.BUDGET, cap.refusal(accounts[key], most))
        accounts.add(keys, Amounts(spent=most))
        accounts.write()
    return None


def correct_outside(
    store: Store, gateway: str, most: Decimal, cost: Decimal, now: datetime
) -> None:
    """Replace what was charged for a call at `now` by what it cost (USD); above `most` it is an
    overrun. Once per call.
    """
    change = Amounts(spent=cost - most, overrun=max(cost - most, ZERO))
    if not change:
        return
    keys = charged(gateway, now)
    with store.write() as connection:
        accounts = Accounts(store, connection, keys)
        accounts.add(keys, change)
        accounts.write()
