"""What is kept of a call, and the answer read back from it."""

import json
from datetime import UTC, datetime

import pytest

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.calls.parameters import ApiType
from arena_pipeline.calls.wire.exchange import Exchange
from arena_pipeline.calls.wire.payload import read_payload, write_payload
from arena_pipeline.calls.wire.reading import read_exchange
from arena_pipeline.calls.wire.reply import Reply
from arena_pipeline.calls.wire.request import Request
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline_tests.calls.wire.scripted import completion

NOW = datetime(2026, 8, 1, tzinfo=UTC)
REQUEST = Request.of(
    Callee("gate", "acme/one", Tariff.of(None, None, {})), (Message("user", "Move?"),)
)


def kept(body: bytes, status: int = 200, secrets: tuple[str, ...] = ()) -> tuple[Reply, str]:
    exchange = Exchange(NOW, NOW, status=status, body=body)
    reply = read_exchange(exchange, ApiType.CHAT, "acme/one")
    return reply, write_payload(ApiType.CHAT, REQUEST.body, exchange, reply, secrets)


def test_an_answer_is_read_back_as_it_was() -> None:
    reply, payload = kept(json.dumps(completion("I say\nUP", reasoning="why")).encode())

    assert read_payload(payload, NOW) == reply
    assert json.loads(payload)["request"] == REQUEST.body


@pytest.mark.parametrize(
    "body",
    [b"<html>no</html>", b"", b"\xff\xfe{", b'{"choices": []}', b"[" * 9000, b'{"error": "x"}'],
)
def test_what_was_no_answer_is_kept_as_json_and_gives_none_back(body: bytes) -> None:
    _, payload = kept(body)

    assert json.loads(payload)["status"] == 200
    assert read_payload(payload, NOW) is None


@pytest.mark.parametrize("payload", ["", "{", "[]", "{}", '{"api":"x","status":200,"response":{}}'])
def test_a_payload_that_is_none_gives_nothing_back(payload: str) -> None:
    assert read_payload(payload, NOW) is None


def test_secrets_are_masked_and_it_stays_json() -> None:
    secret, account = 'top"secret\\key', "user_2Xy8abcDEFghiJKL012345"
    body = json.dumps({**completion(f"UP {secret}"), "user_id": account}).encode()

    _, payload = kept(body, secrets=(secret,))

    assert json.loads(payload)["response"]["choices"][0]["message"]["content"] == "UP ***"
    assert account not in payload
    assert json.loads(payload)["response"]["user_id"] == "user_***"


@pytest.mark.parametrize("before", ["", "\n", "\t", "\r\n", "\u2028", "see ", '"'])
def test_an_account_or_key_is_masked_wherever_its_word_begins(before: str) -> None:
    for hidden in ("user_2Xy8abcDEFghiJKL012345", "sk-or-v1-0123456789abcdef0123456789"):
        reply, payload = kept(
            json.dumps(completion(f"UP{before}{hidden} x" if before else hidden)).encode()
        )

        assert hidden not in payload
        assert json.loads(payload)["status"] == 200
        assert reply.failure is None


@pytest.mark.parametrize("status", [200, 429])
def test_a_key_in_escapes_is_masked_in_what_the_json_says(status: int) -> None:
    secret, account = "pAss+word/with=odd'signs\\0", "user_2Xy8abcDEFghiJKL012345"
    told = f'{secret} {account} "\\ \u00e9\x01'
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in told)
    body = json.dumps(completion("#")).replace("#", escaped + r"\\u0041\/").encode()

    reply, payload = kept(body, status, secrets=(secret,))

    answered = json.loads(payload)["response"]["choices"][0]["message"]["content"]
    assert answered == '*** user_*** "\\ \u00e9\x01\\u0041/'
    assert secret not in str(reply)
    assert account not in payload


def test_a_key_as_short_as_a_word_does_not_spoil_what_is_kept() -> None:
    _, payload = kept(json.dumps(completion("UP")).encode(), secrets=("1", "UP"))

    assert json.loads(payload)["response"]["choices"][0]["message"]["content"] == "UP"
