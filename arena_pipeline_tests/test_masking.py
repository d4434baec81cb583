"""Masking: of an address no more than its host where its path is a secret, of text no secret."""

import pytest

from arena_pipeline.masking import mask_path, mask_text
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
