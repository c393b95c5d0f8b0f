"""If these fail, somebody is told twice, or is told what they cannot make sense of, or more than they should."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.alerts.event import ROLLING_TTL, dollars, sample
from gateway.config.alerts import KINDS
from tests.gateway.alerts.harness import AT, DAY, ENDS, EVENT, LIMIT, MONTH


def test_what_a_webhook_is_sent() -> None:
    assert orjson.loads(EVENT.body()) == {
        "type": "budget.share",
        "timestamp": "2026-11-18T11:06:40Z",
        "text": "Budget research of team lab has passed 80 % for the month from 2026-11-01 00:00 UTC: "
        "161.25 of 200.00 $ are spent.",
        "data": {
            "budget": "research",
            "scope": "team",
            "whose": "lab",
            "period": "month",
            "from": "2026-11-01T00:00:00Z",
            "to": "2026-12-01T00:00:00Z",
            "share": "0.8",
            "amount_usd": "200",
            "spent_usd": "161.25",
            "at_limit": "refuse",
        },
    }


def test_the_page_shows_it_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
    (shown,) = re.findall(r"^```json\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert orjson.loads(shown) == orjson.loads(EVENT.body())


def test_a_test_is_none_of_them() -> None:
    told = orjson.loads(sample(AT))
    assert told.keys() == orjson.loads(EVENT.body()).keys()
    assert told["type"] not in KINDS


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"kind": "budget.limit", "share": None},
            "Budget research of team lab is at its limit for the month from 2026-11-01 00:00 UTC: 161.25 of 200.00 $ "
            "are spent; requests that do not fit are refused.",
        ),
        (
            {"kind": "budget.limit", "share": None, "at_limit": "stay-local", "scope": "total", "term": DAY},
            "Budget research is at its limit for the last 24h: 161.25 of 200.00 $ are spent; requests that do "
            "not fit go on at home only.",
        ),
        (
            {"amount": Decimal("0.002"), "spent": Decimal("0.00105"), "share": Decimal("0.525")},
            "Budget research of team lab has passed 52.5 % for the month from 2026-11-01 00:00 UTC: 0.00105 of 0.002 $ "
            "are spent.",
        ),
    ],
)  # fmt: skip
def test_the_sentence(changes: dict[str, Any], text: str) -> None:
    assert replace(EVENT, **changes).text == text


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "budget.limit"},
        {"budget": "other"},
        {"scope": "key"},
        {"whose": "lab2"},
        {"term": MONTH._replace(begins=1)},
        {"term": DAY},
        {"share": Decimal("0.5")},
        {"amount": Decimal(300)},  # raised in the middle of a month: a share of that is news
    ],
)
def test_another_event_has_another_id(changes: dict[str, Any]) -> None:
    assert replace(EVENT, **changes).id != EVENT.id


def test_when_and_by_whom_it_was_noticed_makes_no_other_event() -> None:
    assert replace(EVENT, at=AT + 60, spent=Decimal(170)).id == EVENT.id
    assert EVENT.id.startswith("evt_")
    assert EVENT.id.isascii()


def test_it_is_told_once_in_its_period_and_of_a_rolling_one_once_a_day() -> None:
    assert AT + EVENT.ttl > ENDS
    assert AT + EVENT.ttl <= ENDS + 86_400
    assert replace(LIMIT, term=DAY).ttl == ROLLING_TTL
    assert replace(EVENT, at=ENDS + 5.0).ttl > 0


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("project=atlas", "project=atlas"),
        ("team/web-1", "team/web-1"),
        ("anna.schmidt@example.org", "(a tag that is not shown)"),
        ("call anna schmidt", "(a tag that is not shown)"),
        ("é", "(a tag that is not shown)"),
        ("a\nb", "(a tag that is not shown)"),
    ],
)
def test_a_tag_is_named_only_if_it_is_a_plain_word(tag: str, shown: str) -> None:
    event = replace(EVENT, scope="tag", whose=tag)
    assert event.named == shown
    assert orjson.loads(event.body())["data"]["whose"] == shown
    assert shown in event.text


def test_names_of_keys_and_teams_are_as_they_are() -> None:
    assert replace(EVENT, scope="key", whose="anna@example.org").named == "anna@example.org"
    assert replace(EVENT, scope="total", whose=None).named is None


def test_amounts_are_exact() -> None:
    assert dollars(1) == Decimal("0.000000000001")
    assert dollars(12_345_678_900_000_000_001) == Decimal("12345678.900000000001")
    told = orjson.loads(replace(EVENT, spent=dollars(100_000_000_000_001)).body())
    assert told["data"]["spent_usd"] == "100.000000000001"
