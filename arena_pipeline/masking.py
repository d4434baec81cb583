"""Text from outside made fit for showing and keeping: passwords, keys, tokens and account ids in it
are masked.

Each pattern begins at a fixed word and takes each sign once, so that a text of any length takes
time in proportion.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

MASK = "***"

_SECRET = re.compile("pass|key|token|secret", re.IGNORECASE)
"""Names in an address's query whose values are not shown."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")

_HAS_DIGIT = r"(?=[A-Za-z_*-]{0,200}[0-9])"
_ACCOUNT = r"(?=[A-Za-z]{20}|[A-Za-z]{0,30}[0-9])[A-Za-z0-9]{8,}"
_NAMED = r"(?:api[_-]?key|access[_-]?token|secret|password|authorization|token|key)"

_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sk-", re.compile(rf"sk-(?<![\w-]sk-){_HAS_DIGIT}[\w*-]{{16,}}", re.ASCII)),
    ("gsk_", re.compile(rf"gsk_(?<![\w-]gsk_){_HAS_DIGIT}[A-Za-z0-9]{{20,}}")),
    ("AIza", re.compile(r"AIza(?<![\w-]AIza)[\w-]{30,}", re.ASCII)),
    ("hf_", re.compile(r"hf_(?<![\w-]hf_)[A-Za-z0-9]{30,}")),
    ("ghp_", re.compile(r"ghp_(?<![\w-]ghp_)[A-Za-z0-9]{30,}")),
    ("AKIA", re.compile(r"AKIA(?<![\w-]AKIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("xai-", re.compile(rf"xai-(?<![\w-]xai-){_HAS_DIGIT}[A-Za-z0-9]{{20,}}")),
    ("eyJ", re.compile(r"eyJ(?<![\w.-]eyJ)[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}", re.ASCII)),
)
"""What can only be a key, with the letters that must occur for it."""

_BEARER = re.compile(rf"(earer (?<![a-z]earer )){_HAS_DIGIT}[\w.~+/=*-]{{16,}}", re.ASCII)

_ACCOUNTS = re.compile(rf"\b(user_|org[-_]|proj_|acct_){_ACCOUNT}", re.ASCII)

_IN_ERRORS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\bsk-[\w*-]{4,}", re.ASCII), MASK),
    (re.compile(r"(earer )[\w.~+/=*-]{4,}", re.ASCII), rf"\1{MASK}"),
    (
        re.compile(
            rf"\b({_NAMED}['\"]?[ ]?[=:][ ]?['\"]?)(?!{re.escape(MASK)}|Bearer )"
            r"[\w.~+/=*-]{8,}",
            re.ASCII | re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(://[^\s:@/'\"]{0,200}:)[^\s@/'\"]{1,200}@"), rf"\1{MASK}@"),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII), MASK),
)


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


def mask_keys(text: str) -> str:
    """Text of any sort without what can only be a key. What has none comes back as it is."""
    for mark, pattern in _KEYS:
        if mark in text:
            text = pattern.sub(MASK, text)
    return _BEARER.sub(rf"\1{MASK}", text) if "earer " in text else text


def mask_accounts(text: str) -> str:
    """Text without account ids such as `user_2abc...`, of which the first part is left."""
    return _ACCOUNTS.sub(rf"\1{MASK}", text)


def mask_error(text: str) -> str:
    """A message of failure without keys, account ids, passwords and mail addresses: of what others
    said there, whatever looks like one is masked.
    """
    text = mask_accounts(mask_keys(text))
    for pattern, masked in _IN_ERRORS:
        text = pattern.sub(masked, text)
    return text
