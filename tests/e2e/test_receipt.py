"""The receipt: what every answer says about how it came to be, and what a stream says only when asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.harness.client import ask, assert_request_id, error_of, post, read_stream
from tests.harness.configs import CLOUD_PRICE
from tests.harness.gateway import Gateway
from tests.harness.prompts import CARD, EASY

MILLION = Decimal(1_000_000)
RECEIPT = {"x-tidegate-receipt": "stream"}


def cost_of(usage: dict[str, Any]) -> Decimal:
    """What the cloud deployment charges for it, in dollars."""
    price = {kind: Decimal(amount) / MILLION for kind, amount in CLOUD_PRICE.items()}
    return int(usage["prompt_tokens"]) * price["input"] + int(usage["completion_tokens"]) * price["output"]


def test_every_part_of_it(gateway: Gateway) -> None:
    answer = post(gateway, ask(EASY))
    headers = answer.headers
    assert_request_id(answer)
    assert headers["x-tidegate-route"] == "auto"
    assert headers["x-tidegate-deployment"] == "small"
    assert headers["x-tidegate-zone"] == "local"
    assert headers["x-tidegate-reason"]
    assert 0 <= float(headers["x-tidegate-difficulty"]) <= 1
    assert headers["x-tidegate-clearance"] == "any"
    assert headers["x-tidegate-cache"] == "off"
    assert Decimal(headers["x-tidegate-cost-usd"]) == 0


def test_the_cost_is_exact(gateway: Gateway) -> None:
    answer = post(gateway, ask(EASY, "cloud"))
    assert Decimal(answer.headers["x-tidegate-cost-usd"]) == cost_of(answer.json()["usage"])
    assert "e" not in answer.headers["x-tidegate-cost-usd"].lower()


def test_an_unknown_cost_is_left_out(gateway: Gateway) -> None:
    answer = post(gateway, ask(EASY, "unpriced"))
    assert answer.status_code == 200
    assert "x-tidegate-cost-usd" not in answer.headers


def test_two_requests_have_two_ids(gateway: Gateway) -> None:
    first, second = (post(gateway, ask(EASY)).headers["x-request-id"] for _ in range(2))
    assert first != second


def test_the_reasons_are_for_people_and_hold_nothing_found(gateway: Gateway) -> None:
    reason = post(gateway, ask(CARD, "cloud")).headers["x-tidegate-reason"]
    assert "sensitive" in reason
    assert not any(digits in reason for digits in ("4970", "0154"))


def test_a_stream_has_it_in_its_headers_but_the_cost(gateway: Gateway) -> None:
    answer = post(gateway, ask(EASY, "cloud", stream=True))
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert answer.headers["x-tidegate-cache"] == "off"
    assert_request_id(answer)
    assert "x-tidegate-cost-usd" not in answer.headers
    assert "tidegate" not in answer.text


@pytest.mark.parametrize("usage", [False, True])
@pytest.mark.parametrize("receipt", [False, True])
def test_in_a_stream_the_cost_comes_only_where_it_was_asked_for(gateway: Gateway, usage: bool, receipt: bool) -> None:
    more: dict[str, Any] = {"stream_options": {"include_usage": True}} if usage else {}
    answer = post(gateway, ask(EASY, "cloud", stream=True, **more), headers=RECEIPT if receipt else {})
    stream = read_stream(answer)
    stream.assert_clean()
    assert len(stream.usage) == (1 if usage else 0)
    if not (usage and receipt):
        assert not any("tidegate" in chunk for chunk in stream.chunks)
        return
    last = stream.chunks[-1]
    assert last["choices"] == []
    assert Decimal(last["tidegate"]["cost_usd"]) == cost_of(last["usage"])
    assert last["tidegate"]["request_id"] == answer.headers["x-request-id"]
    assert last["tidegate"]["deployment"] == "large"
    assert not any("tidegate" in chunk for chunk in stream.chunks[:-1])


def test_an_unknown_cost_is_null_in_a_stream(gateway: Gateway) -> None:
    body = ask(EASY, "unpriced", stream=True, stream_options={"include_usage": True})
    last = read_stream(post(gateway, body, headers=RECEIPT)).chunks[-1]
    assert last["tidegate"]["cost_usd"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [(ask(EASY, "nowhere"), 404), ({"model": "auto"}, 400), (ask(CARD, "only-cloud"), 503)],
)
def test_an_error_has_a_request_id(gateway: Gateway, body: dict[str, Any], status: int) -> None:
    answer = post(gateway, body)
    assert answer.status_code == status
    error_of(answer)
