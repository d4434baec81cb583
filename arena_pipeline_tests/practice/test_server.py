"""The practice server over its socket: what it answers, what it bills, what its control does."""

import http.client
import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from arena_pipeline.catalog.snapshot import parse
from arena_pipeline.games.snake.board import ACTIONS
from arena_pipeline.practice.ledger import Ledger
from arena_pipeline.practice.line_up import LINE_UP, Fault, PracticeModel
from arena_pipeline.practice.replies import ACCOUNT
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import Address, served
from arena_pipeline_tests.practice.calling import ask, call, position

EAGER = "practice/eager"
POSITION = position()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[PracticeGateway, Address]]:
    """One server for all: a start and an end take a tenth of a second each."""
    gateway = PracticeGateway(LINE_UP, seed=7)
    with served(gateway) as address:
        yield gateway, address


@pytest.fixture
def gateway(running: tuple[PracticeGateway, Address]) -> PracticeGateway:
    """Its models and its ledger, as new."""
    gateway, _ = running
    gateway.models = {model.slug: model for model in LINE_UP}
    gateway.ledger = Ledger()
    return gateway


@pytest.fixture
def at(gateway: PracticeGateway, running: tuple[PracticeGateway, Address]) -> Address:
    """Where it is."""
    return running[1]


def test_the_catalog_is_one_that_the_arena_reads(at: Address) -> None:
    catalog = parse(call(at.catalog_url).text.encode())

    assert not catalog.skipped
    assert set(catalog.models) == {model.slug for model in LINE_UP}
    sage = catalog.models["practice/sage"]
    assert (sage.price_prompt, sage.price_completion) == (Decimal(1), Decimal(4))
    assert sage.name.startswith("Practice: ")
    assert catalog.models["practice/giveaway:free"].price_prompt == 0


def test_a_completion_has_a_move_usage_and_a_bill(at: Address) -> None:
    reply = ask(at, EAGER, POSITION, max_tokens=500)

    body = reply.document
    usage = body["usage"]
    assert reply.status == 200
    assert reply.headers["x-generation-id"] == body["id"]
    assert body["choices"][0]["message"]["content"].splitlines()[-1] in ACTIONS
    assert body["choices"][0]["finish_reason"] == "stop"
    assert usage["prompt_tokens"] == -(-len(POSITION) // 4)
    due = Decimal("0.20") * usage["prompt_tokens"] + Decimal("0.80") * usage["completion_tokens"]
    assert Decimal(str(usage["cost"])) == due / 1_000_000


def test_the_rule_behind_a_model_reads_the_position() -> None:
    bold = PracticeModel(slug="practice/bold", policy="greedy")
    text = POSITION  # head (3,7), the nearest apple lies to its right

    with served(PracticeGateway([bold])) as at:
        word = ask(at, bold.slug, text).document["choices"][0]["message"]["content"]

    assert word.splitlines()[-1] in {"RIGHT", "UP", "DOWN"}


def test_a_prompt_without_a_position_gets_a_word_all_the_same(at: Address) -> None:
    said = ask(at, EAGER, "Hello?").document["choices"][0]["message"]["content"]

    assert said.splitlines()[-1] in ACTIONS


def test_the_responses_api_answers_in_its_own_shape(at: Address) -> None:
    body = {"model": "practice/sage", "input": POSITION, "max_output_tokens": 1000}

    told = call(f"{at.base_url}/responses", body).document

    assert told["status"] == "completed"
    assert told["output"][0]["content"][0]["text"].splitlines()[-1] in ACTIONS
    assert told["usage"]["output_tokens_details"]["reasoning_tokens"] > 0


def test_the_same_seed_answers_the_same_calls_the_same_in_any_order() -> None:
    def answers(order: list[int]) -> dict[int, str]:
        with served(PracticeGateway(LINE_UP, fault_rate=0.5, seed=3)) as at:
            at_once = {n: ask(at, "practice/hasty", position(n)) for n in order}
        return {
            n: json.dumps(reply.document.get("choices"))
            if reply.text.startswith("{")
            else reply.text
            for n, reply in at_once.items()
        }

    calm = [n for n in range(8) if n not in _dropped(range(8))]

    assert answers(calm) == answers(calm[::-1])


def _dropped(seeds: range) -> set[int]:
    """Positions whose first call breaks off, which is no reply to compare."""
    found = set()
    with served(PracticeGateway(LINE_UP, fault_rate=0.5, seed=3)) as at:
        for seed in seeds:
            try:
                ask(at, "practice/hasty", position(seed))
            except (http.client.IncompleteRead, TimeoutError):
                found.add(seed)
    return found


@pytest.mark.parametrize(
    ("fault", "status", "sign"),
    [
        (Fault.RATE_LIMIT, 429, "Provider returned error"),
        (Fault.SERVER, 500, "Internal Server Error"),
        (Fault.HTML, 200, "<!DOCTYPE html>"),
        (Fault.ERROR_IN_200, 200, '"error":{"code":502'),
        (Fault.AUTH, 401, "Bearer sk-practice"),
        (Fault.PAYMENT, 402, "more credits"),
        (Fault.CUT_OFF, 200, '"finish_reason":"length"'),
        (Fault.EMPTY, 200, '"content":null'),
        (Fault.REFUSAL, 200, '"refusal":"I\'m sorry'),
    ],
)
def test_a_fault_looks_as_a_real_gateway_s_and_is_billed_only_if_it_was_served(
    gateway: PracticeGateway, at: Address, fault: Fault, status: int, sign: str
) -> None:
    gateway.change(EAGER, {"faults": {fault: 1.0}})

    reply = ask(at, EAGER, POSITION, key="sk-practice", max_tokens=100)

    assert reply.status == status
    assert sign in reply.text
    assert (ACCOUNT in reply.text) == (not fault.is_served and fault is not Fault.HTML)
    assert (Decimal(gateway.ledger.document(with_calls=False)["cost"]) > 0) == fault.is_served
    if fault is Fault.RATE_LIMIT:
        assert reply.headers["retry-after"] == "1"


def test_missing_usage_is_billed_but_not_told(gateway: PracticeGateway, at: Address) -> None:
    gateway.change(EAGER, {"faults": {"no_usage": 1.0}})

    reply = ask(at, EAGER, POSITION)

    assert "usage" not in reply.document
    assert Decimal(gateway.ledger.document(with_calls=False)["cost"]) > 0


def test_a_dropped_connection_breaks_within_the_body(gateway: PracticeGateway, at: Address) -> None:
    gateway.change(EAGER, {"faults": {"dropped": 1.0}})

    with pytest.raises(http.client.IncompleteRead):
        ask(at, EAGER, POSITION)


def test_room_for_few_tokens_cuts_an_answer_off(at: Address) -> None:
    told = ask(at, "practice/sage", POSITION, max_tokens=16).document

    assert told["choices"][0]["finish_reason"] == "length"
    assert told["choices"][0]["message"]["content"] is None
    assert told["usage"]["completion_tokens"] == 16


def test_the_ledger_tells_keys_apart_without_showing_them(at: Address) -> None:
    for key in ("sk-one", "sk-two", "sk-two"):
        ask(at, EAGER, POSITION, key=key)

    reply = call(f"{at.url}/practice/ledger?calls=1")

    assert sorted(one["served"] for one in reply.document["accounts"]) == [1, 2]
    assert "sk-" not in reply.text
    calls = reply.document["served_calls"]
    assert sum(Decimal(one["cost"]) for one in calls) == Decimal(reply.document["cost"])
    assert len({one["id"] for one in calls}) == 3


def test_whoever_sits_here_changes_models_and_makes_new_ones_appear(at: Address) -> None:
    turned = call(f"{at.url}/practice/models/{EAGER}", {"faults": {"server": 1.0}})
    made = call(f"{at.url}/practice/models/practice/new", {"policy": "flood", "prompt": 0.3})

    assert (turned.status, made.status) == (200, 200)
    assert ask(at, EAGER, POSITION).status == 500
    assert "practice/new" in parse(call(at.catalog_url).text.encode()).models

    healed = call(f"{at.url}/practice/models/*", {"faults": {}})

    assert len(healed.document["data"]) == len(LINE_UP) + 1
    assert ask(at, EAGER, POSITION).status == 200


@pytest.mark.parametrize(
    ("slug", "terms", "why"),
    [
        ("practice/eager", {"policy": "gredy"}, "did you mean greedy?"),
        ("practice/eager", {"blunders": 2}, "blunders"),
        ("practice/eager", {"faults": {"server": 0.7, "html": 0.7}}, "more than 1"),
        ("openai/gpt-5", {}, "no slug like practice/"),
        ("practice/eager", ["faults"], "an object"),
    ],
)
def test_terms_that_make_no_sense_are_refused_in_words(
    at: Address, slug: str, terms: object, why: str
) -> None:
    refused = call(f"{at.url}/practice/models/{slug}", terms)

    assert refused.status == 400
    assert why in refused.document["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [[], {"model": EAGER}, {"model": EAGER, "messages": [], "stream": True}, {"messages": []}],
)
def test_what_is_no_request_is_a_400(at: Address, body: object) -> None:
    assert call(f"{at.base_url}/chat/completions", body).status == 400


def test_a_model_that_nobody_serves_is_a_404(at: Address) -> None:
    assert ask(at, "practice/nobody", POSITION).status == 404
