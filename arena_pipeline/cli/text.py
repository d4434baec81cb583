"""Foreign text made fit for a terminal: names and messages of others can hold markup, escape codes,
line breaks, and numbers more digits than anybody reads.
"""

import unicodedata
from decimal import Context, Decimal

_ENOUGH = Context(prec=6)

_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories that move the cursor, turn the writing direction or can't be encoded."""


def clean(text: object) -> str:
    """One line of `text` without anything a terminal would act on; what was taken out leaves a
    blank.

    Markup is not touched: wrap the result in `rich.text.Text`, which reads none, or escape it.
    """
    line = str(text)
    if line.isascii() and line.isprintable():
        return line
    return " ".join(
        "".join(" " if unicodedata.category(sign) in _UNFIT else sign for sign in line).split()
    )


def clean_lines(text: object) -> str:
    """The same for text of several lines, such as an error that lists mistakes."""
    return "\n".join(clean(line) for line in str(text).splitlines())


def rounded(value: Decimal) -> str:
    """A number to six significant digits, without the noise of binary fractions that catalogs have
    in their prices (0.6000000000000001).
    """
    return f"{_ENOUGH.create_decimal(value).normalize():f}"
