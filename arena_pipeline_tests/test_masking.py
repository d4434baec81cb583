"""Masking: of an address no more than its host where its path is a secret, of text no secret."""

import pytest

from arena_pipeline.masking import (
    mask_accounts,
    mask_error,
    mask_keys,
    mask_path,
    mask_text,
)
from arena_pipeline.settings import Settings, secret_values

HOOK = "https://hooks.example.com/services/T0/B0/abcdefghijklmnopqrstuvwx?v=tokentoken"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (HOOK, "https://hooks.example.com/***"),
        ("http://u:p@h:8080/x", "http://h:8080/***"),
        ("http://[::1]:80/x", "http://[::1]:80/***"),
        ("http://[h/x", "***"),
        ("no address", "***"),
    ],
)
def test_of_an_address_with_a_secret_path_only_the_host_is_shown(address: str, shown: str) -> None:
    assert mask_path(address) == shown


def test_text_is_shown_without_secrets_and_without_those_of_addresses_in_it() -> None:
    text = 'Trying "postgresql://u:hidden@h/d" with sk-1234567 and sk-1234567-long: refused'

    assert mask_text(text, ["sk-1234567", "sk-1234567-long"]) == (
        'Trying "postgresql://u:***@h/d" with *** and ***: refused'
    )


def test_secrets_are_what_is_named_like_one_and_what_our_addresses_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-1234567")
    monkeypatch.setenv("PGPASSWORD", "p%40ssword")
    monkeypatch.setenv("SHORT_TOKEN", "abc")
    monkeypatch.setenv("SOME_NAME", "nothing secret")

    secrets = secret_values(
        Settings.load(database_url="postgresql://u:gr%40nde1@h/d", notify_url=HOOK)
    )

    assert {"sk-1234567", "p@ssword", "gr@nde1", HOOK, "tokentoken"} <= secrets
    assert "abcdefghijklmnopqrstuvwx" in secrets
    assert not {"abc", "nothing secret", "services", "T0"} & secrets


def test_the_settings_show_of_the_notices_address_its_host_only() -> None:
    settings = Settings.load(notify_url=HOOK)

    assert settings.shown()["notify_url"] == "https://hooks.example.com/***"
    assert "abcdefghijklmnopqrstuvwx" not in repr(settings)


ACCOUNT = "user_2Xy8abcDEFghiJKL012345"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Incorrect API key provided: sk-or-v1-0123456789abcdef0123", "***"),
        ("Bearer abcdef0123456789abcd refused", "Bearer ***"),
        (f"quota of {ACCOUNT}", "user_***"),
        ('{"user_id":"user_2Xy8abcDEFghiJKL012345"}', '"user_***"'),
        ("organization org-AbCdEfGh12345678 is out of money", "org-***"),
        ("https://me:hidden@proxy.example/v1", "me:***@proxy"),
        ("api_key=abcdefgh12345678", "api_key=***"),
        ("mail somebody@example.com", "mail ***"),
    ],
)
def test_of_an_error_nothing_is_left_that_says_whose_it_is(text: str, masked: str) -> None:
    assert masked in mask_error(text)
    assert mask_error(mask_error(text)) == mask_error(text)


@pytest.mark.parametrize("text", ["sk-learn is fun", "user_name", "org-chart", "the key is UP"])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert mask_accounts(mask_keys(text)) == text


def test_masking_takes_time_in_proportion_to_the_text() -> None:
    for word in ("sk-", "user_", "org-", "key=", "a@", "://x:", "eyJ.", "earer "):
        mask_error(word * 40_000)
