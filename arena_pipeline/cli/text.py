"""Foreign text made fit for a terminal: names and messages of others can hold markup, escape codes,
line breaks.
"""

import unicodedata

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
