"""Reading JSON that a stranger sent: exact numbers, no surprise whatever is in it."""

import json
from decimal import Decimal
from typing import Any

from arena_pipeline.store.types import clean_text


def read_json(text: str) -> Any:
    """The value of a JSON text; numbers with a fraction are Decimals with the digits as written.

    NaN and the infinities, which are no JSON, are None. Raises ValueError for what is no JSON, or
    nested too deep, or has numbers too long to be any.
    """
    try:
        return _DECODER.decode(text.strip())
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except ArithmeticError as error:
        raise ValueError("a number in it is out of bounds") from error


def clipped(value: object, most: int) -> str:
    """A string from outside, fit for storing and no longer than `most` characters; "" if it is no
    string.
    """
    if not isinstance(value, str):
        return ""
    text = clean_text(value[: most + 1])
    return text if len(text) <= most else text[: most - 3] + "..."


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda name: None)
