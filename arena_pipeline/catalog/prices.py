"""Reading prices: USD per token as the catalog writes them, to exact USD per million tokens.

What belongs here: the meaning of one price. Which prices a row has is in `catalog.row`, what they
add up to in `catalog.tariff`; price history in `registry`.
"""

import re
from decimal import Context, Decimal

from arena_pipeline.store.types import plain_decimal

TOKENS_PER_PRICE = 6
"""Decimal exponent of the tokens a stored price is for: a million."""

HIGHEST_PER_TOKEN = Decimal(1)
"""USD per token above which a number is no price: 1,600 times the dearest model ever listed."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_EXACT = Context(prec=120)


def per_million(value: object) -> Decimal | None:
    """USD per million tokens from the catalog's USD per token; None if unknown (null, or negative
    as for routers).

    Raises ValueError for what is no price at all ("free", NaN, 1e999).
    """
    price = per_unit(value)
    return None if price is None else price.scaleb(TOKENS_PER_PRICE, context=_EXACT)


def per_unit(value: object) -> Decimal | None:
    """A price as the catalog means it, USD per token (or per call); else as `per_million`."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{value!r:.60} is no price")
    text = value.strip() if isinstance(value, str) else repr(value)
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{value!r:.60} is no price")
    price = Decimal(text)
    if price < 0:
        return None
    if price > HIGHEST_PER_TOKEN:
        raise ValueError(f"{value!r:.60} USD per token can't be a price")
    return price.copy_abs()


def price_text(price: Decimal | None) -> str | None:
    """A price as decimal text without exponent; None stays None."""
    return None if price is None else plain_decimal(price)
