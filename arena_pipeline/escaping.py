"""Names are text from strangers: made harmless for the format they are written into.

JSON and Parquet need none of this; whoever puts their strings into a page escapes them there.
"""

import re
import unicodedata

_FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BIDI_CONTROLS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|~$^])")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_LINKS = re.compile(r"(?i)\b(https?|ftp|www|mailto)([:.])")


def csv_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe is put before what could start
    one.

    One is put before a leading apostrophe too, so that different names stay different.
    """
    return f"'{text}" if text and text[0] in "'" + _FORMULA_STARTS else text


def plain_line(text: str) -> str:
    """Text on one line, without characters that break it or turn its direction."""
    return _BREAKS.sub(" ", _BIDI_CONTROLS.sub("", text)).strip()


def visible(text: str) -> str:
    r"""Text with every sign written out (`\x1b`) that moves a cursor, breaks a line or turns the
    direction of writing; a backslash stays as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        sign.encode("unicode_escape").decode("ascii")
        if unicodedata.category(sign) in _UNSEEN
        else sign
        for sign in text
    )


def markdown_cell(text: str) -> str:
    """Text for a cell of a Markdown table: on one line, and neither markup, HTML nor a link."""
    entities = "".join(_HTML.get(character, character) for character in plain_line(text))
    unlinked = _LINKS.sub(lambda link: f"{link[1]}&#{ord(link[2])};", entities)
    return _MARKDOWN.sub(r"\\\1", unlinked.replace("&#", "\0")).replace("\0", "&#")
