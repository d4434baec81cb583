"""Addresses, and text that may hold some, made fit for showing: passwords, keys and tokens in them
are masked.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

_SECRET = re.compile("pass|key|token|secret", re.IGNORECASE)
"""Names in an address's query whose values are not shown."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")


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


def mask_path(url: str) -> str:
    """An address of which only scheme and host are shown, for those that hold tokens in their path,
    as webhooks do.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "***"
    if not parts.scheme or not host:
        return "***"
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}{'' if port is None else f':{port}'}/***"


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Text without these secrets, and without those that the addresses in it show."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _ADDRESS.sub(lambda found: mask_secrets(found[0]), text) if "://" in text else text
