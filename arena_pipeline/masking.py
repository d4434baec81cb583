"""Addresses made fit for showing: passwords, keys and tokens in them are masked."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

_SECRET = re.compile("pass|key|token|secret", re.IGNORECASE)
"""Names in an address's query whose values are not shown."""


def mask_secrets(url: str) -> str:
    """An address without what must not be shown: passwords, and keys and tokens in its query.

    What can't be read as an address is masked whole.
    """
    try:
        parts = urlsplit(url)
        user, has_password, _ = parts.netloc.rpartition("@")[0].partition(":")
        host = parts.netloc.rpartition("@")[2]
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "***"
    netloc = f"{user}:***@{host}" if has_password else parts.netloc
    shown = urlencode(
        [(name, "***" if _SECRET.search(name) else value) for name, value in query], safe="*/:"
    )
    return f"{parts.scheme}://{netloc}{parts.path}{'?' if shown else ''}{shown}"
