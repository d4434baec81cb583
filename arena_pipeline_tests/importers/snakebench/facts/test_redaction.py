"""Account ids and keys do not come in; ordinary words do, untouched and in time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.facts.redaction import redact

ERROR = "Provider error: Error code: 401 - "
DIGITS = "0123456789" * 5
LETTERS = "Ab3dEf6hIj9kLm2oPq5sTu8wXy1zAb4dEf7h"


@pytest.mark.parametrize(
    "secret",
    [
        f"sk-{LETTERS}",
        f"sk-or-v1-{DIGITS}",
        f"sk-proj-{LETTERS}_x-{DIGITS}",
        f"gsk_{LETTERS}",
        f"AIza{LETTERS}",
        f"hf_{LETTERS}",
        f"ghp_{LETTERS}",
        "AKIA0123456789ABCDEF",
        f"xai-{LETTERS}",
        f"eyJhbGciOiJI.{LETTERS}.{LETTERS}",
    ],
)
@pytest.mark.parametrize("place", ["{}", "{} LEFT", "my key ({}), then UP", ERROR + "'{}'"])
def test_a_key_is_masked_wherever_it_stands(secret: str, place: str) -> None:
    found = redact(place.format(secret))

    assert found == place.format("***")


def test_a_bearer_token_is_masked_wherever_it_stands() -> None:
    assert redact(f"Authorization: Bearer {LETTERS}, UP") == "Authorization: Bearer ***, UP"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f"{{'user_id': 'user_{LETTERS}'}}", "{'user_id': 'user_***'}"),
        (f"in organization org-{LETTERS} on tokens", "in organization org-*** on tokens"),
        ("project proj_ab12cd34ef", "project proj_***"),
        ("key provided: sk-ab12****wxyz.", "key provided: ***."),
        ("Bearer abc123", "Bearer ***"),
        ("https://host/v1?key=abcdefgh12&x=1", "https://host/v1?key=***&x=1"),
        ("{'api_key': 'abcdefgh12'}", "{'api_key': '***'}"),
        ("TOKEN=abcdefgh12", "TOKEN=***"),
        ("http://me:hidden@host/v1", "http://me:***@host/v1"),
        ("write to some.one+x@mail.example.com now", "write to *** now"),
    ],
)
def test_error_messages_lose_what_tells_of_an_account(message: str, expected: str) -> None:
    assert redact(ERROR + message) == ERROR + expected


@pytest.mark.parametrize(
    "text",
    [
        "risk-free move, task-1234567890123456789 aside: UP",
        "sk-eleton keys are not keys at all, my friends",
        "user_friendly_1234567890 is a name, me@home.example too, key=whatever12",
        "The bearer of bad news: RIGHT",
        "https://a:b@host/?token=123456789 goes LEFT",
        "Provider errors: user_0123456789abcdef",
        "\0 \ud800 hf_ AIza eyJ.eyJ.eyJ",
    ],
)
def test_a_players_own_words_stay_as_they_are(text: str) -> None:
    assert redact(text) is text


@pytest.mark.parametrize(
    "message",
    [
        "{'user_id': 'user_redacted'}",
        "add your own key to accumulate your rate limits: https://host/settings/integrations'",
        "{'X-RateLimit-Limit': '20', 'provider_name': None}, maximum length is 32768 tokens",
        "requested about 33152 tokens (384 of text input); total_tokens: 123456789012",
        "Invalid key",
    ],
)
def test_what_an_error_says_of_the_error_stays(message: str) -> None:
    assert redact(ERROR + message) == ERROR + message


_PARTS = [
    "sk-", "user_", "org-", "Bearer ", "key=", "'api_key': '", LETTERS, DIGITS, "***", "@", ".",
    "://", ":", " ", "'", "ab", "7", "eyJ", "AIza", "-",
]  # fmt: skip


@given(st.booleans(), st.lists(st.sampled_from(_PARTS), max_size=25))
def test_what_was_redacted_stays_as_it_is(is_error: bool, parts: list[str]) -> None:
    once = redact((ERROR if is_error else "") + "".join(parts))

    assert redact(once) == once


@pytest.mark.parametrize(
    "part", ["user_", "sk-", "sk-a", " sk-aaaa", "key=", "://a:", "eyJ", "a@b.", "a.", "Bearer "]
)
def test_the_longest_text_takes_no_longer_than_its_length(part: str) -> None:
    text = ERROR + part * (344_000 // len(part)) + "@://"

    began = time.perf_counter()
    redact(text)

    assert time.perf_counter() - began < 2
