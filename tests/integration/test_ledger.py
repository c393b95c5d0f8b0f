"""What is in the ledger after traffic: a row wherever money was spent, exact where known, NULL where it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.harness.client import Conversation, ask, post, read_stream
from tests.harness.configs import CLOUD_PRICE
from tests.harness.gateway import KEY, Gateway
from tests.harness.ledger import Row, rows, wait_for_rows
from tests.harness.prompts import CARD, EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

MILLION = Decimal(1_000_000)


def charged(row: Row) -> Decimal:
    """What the cloud deployment's price makes of the row's tokens, in dollars."""
    price = {kind: Decimal(amount) / MILLION for kind, amount in CLOUD_PRICE.items()}
    return int(row["prompt_tokens"]) * price["input"] + int(row["completion_tokens"]) * price["output"]


def only_row(gateway: Gateway, request_id: str) -> Row:
    (row,) = wait_for_rows(gateway, request_id)
    return row


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer(gateway: Gateway, stream: bool) -> None:
    answer = post(gateway, ask(EASY, "cloud", stream=stream))
    row = only_row(gateway, answer.headers["x-request-id"])
    expected = {
        "outcome": "ok",
        "status": 200,
        "key": "dev",
        "team": "tests",
        "route": "cloud",
        "deployment": "large",
        "zone": "cloud",
        "clearance": "any",
        "reason": "prefer-large",
        "cache": "off",
        "estimated": 0,
        "model": "cloud-model",
        "streamed": int(stream),
        "prompt_tokens": 6,
    }
    assert {name: row[name] for name in expected} == expected
    assert Decimal(row["cost"]) == charged(row) == Decimal(row["counterfactual"])
    if not stream:
        assert row["completion_tokens"] == answer.json()["usage"]["completion_tokens"]
        assert Decimal(row["cost"]) == Decimal(answer.headers["x-tidegate-cost-usd"])
    assert row["first_token"] > 0
    assert row["latency"] >= row["first_token"]


def test_a_local_answer_is_compared_with_the_large_model(gateway: Gateway) -> None:
    row = only_row(gateway, post(gateway, ask(EASY)).headers["x-request-id"])
    assert row["deployment"] == "small"
    assert Decimal(row["cost"]) == 0
    assert Decimal(row["counterfactual"]) == charged(row)


def test_an_unknown_price_is_null_and_not_nothing(gateway: Gateway) -> None:
    row = only_row(gateway, post(gateway, ask(EASY, "unpriced")).headers["x-request-id"])
    assert row["outcome"] == "ok"
    assert row["cost"] is None


@pytest.mark.parametrize("fault", ["status:500", "reset", "garbage", "redirect"])
def test_a_fallback_is_a_second_attempt(gateway: Gateway, upstreams: Upstreams, fault: str) -> None:
    with upstreams.local.down():
        pass  # no kept connection: one that breaks is taken for closed while idle, and the request is sent once more
    upstreams.local.next(fault)
    answer = post(gateway, ask(EASY, "fragile"))
    first, second = wait_for_rows(gateway, answer.headers["x-request-id"], 2)
    assert (first["outcome"], first["deployment"]) == ("error", "fragile")
    assert (second["outcome"], second["deployment"]) == ("ok", "large")
    assert Decimal(second["cost"]) == charged(second)
    assert post(gateway, ask(EASY, "fragile")).headers["x-tidegate-deployment"] == "fragile"  # its health is back


def test_who_said_nothing_may_have_cost_something(gateway: Gateway, upstreams: Upstreams) -> None:
    """A server that took the request and went silent may charge for it: that is unknown, not nothing."""
    upstreams.local.next("hang_first")
    answer = post(gateway, ask(EASY, "fragile"))
    first, second = wait_for_rows(gateway, answer.headers["x-request-id"], 2)
    assert (first["outcome"], first["cost"]) == ("error", None)
    assert second["outcome"] == "ok"


@pytest.mark.parametrize("directive", ["cut:4:clean", "cut:4:fin:gate", "error_frame:4:gate", "garbage_later:4:gate"])
def test_what_was_cut_is_paid_for(gateway: Gateway, upstreams: Upstreams, directive: str) -> None:
    upstreams.cloud.next(directive)
    with Conversation(gateway, ask(EASY, "only-cloud", stream=True)) as conversation:
        conversation.read_until("read ")
        upstreams.cloud.release()
        conversation.read_to_end()
    row = only_row(gateway, conversation.headers["x-request-id"])
    assert row["outcome"] == "cut"
    assert row["estimated"]
    assert row["completion_tokens"] > 0
    assert Decimal(row["cost"]) == charged(row) > 0


@pytest.mark.parametrize(
    "directive",
    ["usage_missing", *(f"usage_odd:{kind}" for kind in ("negative", "text", "float", "null", "list", "empty"))],
)
@pytest.mark.parametrize("stream", [False, True])
def test_without_usable_usage_it_is_estimated(
    gateway: Gateway, upstreams: Upstreams, directive: str, stream: bool
) -> None:
    upstreams.cloud.next(directive)
    row = only_row(gateway, post(gateway, ask(EASY, "only-cloud", stream=stream)).headers["x-request-id"])
    assert row["outcome"] == "ok"
    assert row["estimated"]
    assert row["prompt_tokens"] > 0
    assert row["completion_tokens"] > 0
    assert Decimal(row["cost"]) == charged(row)


@pytest.mark.parametrize("place", ["finish", "every"])
def test_usage_is_taken_from_whichever_chunk_has_it(gateway: Gateway, upstreams: Upstreams, place: str) -> None:
    upstreams.cloud.next(f"usage_on:{place}")
    row = only_row(gateway, post(gateway, ask(EASY, "only-cloud", stream=True)).headers["x-request-id"])
    assert not row["estimated"]
    assert row["prompt_tokens"] == 6
    assert Decimal(row["cost"]) == charged(row)


def test_usage_that_comes_before_the_words_is_not_the_last_word(gateway: Gateway, upstreams: Upstreams) -> None:
    """A server cannot know what it has not said yet: what came after is counted, and that is an estimate."""
    upstreams.cloud.next("usage_on:first")
    row = only_row(gateway, post(gateway, ask(EASY, "only-cloud", stream=True)).headers["x-request-id"])
    assert row["estimated"]
    assert row["completion_tokens"] > 0
    assert Decimal(row["cost"]) == charged(row)


def test_what_never_left_costs_nothing(gateway: Gateway, upstreams: Upstreams) -> None:
    """Refusals and mistakes of the caller make no attempt; the answer that follows them does."""
    refused = [
        post(gateway, ask(CARD, "only-cloud")),
        post(gateway, ask(EASY, "nowhere")),
        post(gateway, {"model": "auto", "messages": []}),
        post(gateway, ask(EASY), key="wrong"),
    ]
    assert [answer.status_code for answer in refused] == [503, 404, 400, 401]
    last = post(gateway, ask(EASY))
    only_row(gateway, last.headers["x-request-id"])
    ids = {answer.headers["x-request-id"] for answer in refused}
    assert not [row for row in rows(gateway) if row["request_id"] in ids]


def test_a_hit_costs_nothing_and_is_counted(standard_gateway: Gateway) -> None:
    body: dict[str, Any] = ask(EASY, seed=4711)
    post(standard_gateway, body)
    hits: list[str] = []

    def look() -> bool:
        answer = post(standard_gateway, body)
        if answer.headers["x-tidegate-cache"] == "hit":
            hits.append(answer.headers["x-request-id"])
        return bool(hits)

    until("a hit", look)
    row = only_row(standard_gateway, hits[0])
    assert (row["outcome"], row["cache"], row["deployment"]) == ("hit", "hit", "")
    assert Decimal(row["cost"]) == 0


def test_no_content_is_written_anywhere(gateway: Gateway) -> None:
    """Neither what was asked nor what was found, nor a key: in the ledger, the journals and what is printed."""
    marker = "hippopotamus-4970-1000"
    answer = post(gateway, ask(f"{CARD} {marker}", "small", metadata={"note": marker}))
    only_row(gateway, answer.headers["x-request-id"])
    written = b"".join(path.read_bytes() for path in gateway.directory.rglob("*") if path.is_file())
    written += gateway.output.encode()
    for secret in (marker, "4970 1000 0000 0154", "4970100000000154", KEY):
        assert secret.encode() not in written


def test_what_was_delivered_is_in_the_books_whatever_happens_next(start_gateway: StartGateway) -> None:
    """The process is killed the moment the last answer is there; the next start finds a row for each."""
    gateway = start_gateway()
    ids = []
    for place in range(6):
        answer = post(gateway, ask(f"{EASY} ({place})", stream=place % 2 == 0))
        if place % 2 == 0:
            read_stream(answer).assert_clean()
        ids.append(answer.headers["x-request-id"])
    gateway.kill()
    gateway.start()
    for request_id in ids:
        assert only_row(gateway, request_id)["outcome"] == "ok"
