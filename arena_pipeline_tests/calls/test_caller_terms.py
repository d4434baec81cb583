"""What goes out with a question, what may, and what of it is kept."""

from dataclasses import replace
from decimal import Decimal

import pytest

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline_tests.calls.asking import CALLEE, KEY, Asking, question
from arena_pipeline_tests.calls.wire.scripted import (
    answer,
    completion,
    drop,
)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_goes_out_names_model_limit_and_key_and_nothing_of_the_environment(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not-for-this-gateway")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-not-for-this-gateway")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-not-for-this-gateway")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Token: not-for-this-gateway")

    asking.ask(answer(completion()))

    (asked,) = asking.gateway.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body == {
        "model": "acme/one",
        "messages": [
            {"role": "system", "content": "Play."},
            {"role": "user", "content": "Your move?"},
        ],
        "max_tokens": 1000,
    }
    assert "not-for-this-gateway" not in str(asked)


def test_a_gateway_without_a_key_gets_none(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer not-for-this-gateway")
    row = GatewayRow("gate", "")
    asking.run(
        [answer(completion())], lambda caller: caller.ask(CALLEE, question(asking.site)), row
    )

    assert asking.gateway.asked[0].headers["authorization"] == ""


def test_without_a_price_or_a_key_or_a_gateway_nothing_is_sent(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpriced = replace(CALLEE, tariff=Tariff.of(None, Decimal(1), {}))
    elsewhere = replace(CALLEE, gateway="elsewhere")
    assert asking.refusal(drop, callee=unpriced).refused.kind is RefusalKind.NO_PRICE
    assert asking.refusal(drop, callee=elsewhere).refused.kind is RefusalKind.STOPPED
    monkeypatch.delenv("GATE_KEY")
    assert asking.refusal(drop).refused.kind is RefusalKind.NO_KEY
    assert asking.rows() == []


def test_an_answer_without_usage_costs_an_unknown_amount(asking: Asking) -> None:
    said = asking.ask(answer(completion(usage=None)))

    assert (said.cost, said.prompt_tokens, said.text) == (None, None, "UP")
    (row,) = asking.rows()
    assert (row.cost_billed, row.cost_estimated) == (None, None)
    assert row.cost_counted == row.reserved


def test_account_ids_and_keys_in_any_place_reach_nobody(asking: Asking) -> None:
    account = "user_2Xy8abcDEFghiJKL012345"
    told = {"error": {"code": 500, "message": f"{KEY} of {account}"}, "user_id": account}
    echoing = completion(f"UP {KEY}", reasoning=f"my key is {KEY}")

    said = asking.ask(answer(told, 500), answer(echoing, X_Generation_Id=f"gen-{KEY}"))

    everything = str(said) + str(asking.rows())
    assert KEY not in everything
    assert account not in everything


def test_an_agent_may_use_the_responses_api(asking: Asking) -> None:
    part = {"type": "output_text", "text": "LEFT"}
    response = {
        "id": "resp-1",
        "status": "completed",
        "output": [{"type": "message", "content": [part]}],
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
    callee = replace(CALLEE, settings={"api_type": "responses", "seed": 7})

    said = asking.ask(answer(response), callee=callee)
    again = asking.ask(drop, callee=callee)

    assert asking.gateway.asked == []
    assert (said.text, said.cost) == (again.text, again.cost) == ("LEFT", Decimal("0.00002"))
    (row,) = asking.rows()
    assert (row.cost_billed, row.cost_estimated) == (None, Decimal("0.00002"))


def test_settings_that_cannot_be_sent_let_the_match_wait(asking: Asking) -> None:
    callee = replace(CALLEE, settings={"temperature": "hot"})

    refused = asking.refusal(drop, callee=callee).refused

    assert (refused.kind, "temperature" in refused.detail) == (RefusalKind.FAILING, True)
