"""Exports as providers write them: a token that is read wrongly here becomes a difference that nobody can explain."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.accounting.statement import Entry, Statement, UnreadableStatement, read_statement

FIRST, SECOND = date(2026, 11, 23), date(2026, 11, 24)
MIDNIGHT = 1_795_392_000  # of FIRST, seconds since the epoch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export"


def read(file: Path, text: str | dict[str, Any] | list[Any], columns: dict[str, str] | None = None) -> Statement:
    file.write_text(text if isinstance(text, str) else json.dumps(text))
    return read_statement(file, columns)


def page(*buckets: dict[str, Any]) -> dict[str, Any]:
    return {"object": "page", "data": list(buckets), "has_more": False, "next_page": None}


def openai_day(*results: dict[str, Any], start: int = MIDNIGHT) -> dict[str, Any]:
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": list(results)}


def test_openai_usage_from_the_api(file: Path) -> None:
    result = {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "output_tokens": 500,
        "input_cached_tokens": 800,
        "num_model_requests": 5,
        "project_id": None,
        "model": "gpt-4o-2024-08-06",
        "batch": None,
    }
    found = read(file, [page(openai_day(result)), page(openai_day(start=MIDNIGHT + 86_400))])
    assert found == Statement("openai", (Entry(FIRST, "gpt-4o-2024-08-06", 5, 1000, 800, 500),))
    assert found.measures == ("requests", "prompt_tokens", "cached_tokens", "completion_tokens")


def test_openai_costs_from_the_api_keep_every_digit(file: Path) -> None:
    text = json.dumps(page(openai_day({"amount": {"value": 0, "currency": "usd"}, "line_item": "gpt-4o, input"})))
    found = read(file, text.replace('"value": 0', '"value": 0.0602500000000000001'))
    assert found.entries == (Entry(FIRST, "gpt-4o", cost=Decimal("0.0602500000000000001")),)


def test_openai_costs_that_are_of_all_models(file: Path) -> None:
    found = read(file, page(openai_day({"amount": {"value": 1, "currency": "usd"}, "line_item": None})))
    assert found.entries == (Entry(FIRST, None, cost=Decimal(1)),)


OPENAI_USAGE = """\
start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,model,batch,input_tokens,output_tokens,input_cached_tokens
1795392000,1795478400,2026-11-23T00:00:00+00:00,2026-11-24T00:00:00+00:00,p,10.0,gpt-4o,FALSE,59200.0,10646.0,5760.0
1795478400,1795564800,2026-11-24T00:00:00+00:00,2026-11-25T00:00:00+00:00,,,,,,,
"""
OPENAI_COSTS = """\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id
1795392000,1795478400,2026-11-23T00:00:00+00:00,2026-11-24T00:00:00+00:00,0.8958740000000000,usd,"gpt-4o, output",p
"""


@pytest.mark.parametrize("mark", [",", "\t"])
def test_openai_usage_from_the_page(file: Path, mark: str) -> None:
    """A day without usage has a line of its own, which says nothing."""
    found = read(file, OPENAI_USAGE.replace(",", mark))
    assert found == Statement("openai", (Entry(FIRST, "gpt-4o", 10, 59200, 5760, 10646),))


def test_openai_costs_from_the_page(file: Path) -> None:
    assert read(file, OPENAI_COSTS).entries == (Entry(FIRST, "gpt-4o", cost=Decimal("0.895874")),)


def test_anthropic_usage_from_the_api(file: Path) -> None:
    """`uncached_input_tokens` holds neither what was read from the cache nor what was written to it."""
    result = {
        "uncached_input_tokens": 1500,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "cache_read_input_tokens": 200,
        "output_tokens": 500,
        "server_tool_use": {"web_search_requests": 10},
        "model": "claude-sonnet-4-20250514",
    }
    day = {"starting_at": "2026-11-23T00:00:00Z", "ending_at": "2026-11-24T00:00:00Z", "results": [result]}
    assert read(file, {"data": [day], "has_more": False}) == Statement(
        "anthropic", (Entry(FIRST, "claude-sonnet-4-20250514", None, 3200, 200, 500),)
    )


def test_anthropic_costs_from_the_api_are_in_cents(file: Path) -> None:
    results = [
        {"currency": "USD", "amount": "123.45", "model": "claude-sonnet-4-20250514", "cost_type": "tokens"},
        {"currency": "USD", "amount": "10", "model": None, "cost_type": "web_search"},
    ]
    day = {"starting_at": "2026-11-24T01:00:00+02:00", "results": results}
    assert read(file, {"data": [day]}).entries == (
        Entry(FIRST, "claude-sonnet-4-20250514", cost=Decimal("1.2345")),
        Entry(FIRST, None, cost=Decimal("0.1")),
    )


ANTHROPIC_USAGE = """\
usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,\
web_search_count
2026-11-23,claude-opus-4-5,app,Default,standard,≤ 200k,46981,15969,30,700,16932,0
"""
ANTHROPIC_COSTS = """\
usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,cost_type
2026-11-24,Claude Opus 4.5,Default,app,message,≤ 200k,output,0.4233,token
"""


def test_anthropic_from_the_console(file: Path) -> None:
    assert read(file, ANTHROPIC_USAGE) == Statement(
        "anthropic", (Entry(FIRST, "claude-opus-4-5", None, 63680, 700, 16932),)
    )
    assert read(file, ANTHROPIC_COSTS).entries == (Entry(SECOND, "Claude Opus 4.5", cost=Decimal("0.4233")),)


def test_any_csv_whose_columns_are_named(file: Path) -> None:
    columns = {"day": "Date", "model": "Model", "cost": "USD", "requests": "Calls"}
    found = read(file, "Date,Model,Calls,USD\n2026-11-23,m,3,0.50\n2026-11-24,m,,\n", columns)
    assert found == Statement(None, (Entry(FIRST, "m", requests=3, cost=Decimal("0.50")),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ":1: not JSON"),
        ("[1]", "no page"),
        ('{"data": [{}]}', "no 'results'"),
        ('{"data": [{"results": []}]}', "neither 'start_time'"),
        ('{"data": []}', "no day of OpenAI's"),
        ("Date,USD\n2026-11-23,1\n", "no columns that OpenAI's or Anthropic's exports have; name them with --columns"),
        (ANTHROPIC_COSTS.replace("2026-11-24", "24.11.2026"), ":2: '24.11.2026' is no ISO date"),
        (ANTHROPIC_COSTS.replace("0.4233", "0,4233"), ":2: more cells than the first line has"),
        (ANTHROPIC_COSTS.replace("0.4233", "NaN"), ":2: NaN is no amount"),
        (OPENAI_COSTS.replace("usd", "eur"), ":2: an amount in eur"),
        (OPENAI_USAGE.replace("59200.0", "59200.5"), ":2: 59200.5 is no whole number"),
        (json.dumps(page(openai_day(start=10**18))), "is no time"),
        (json.dumps([page(openai_day({"amount": {"value": True}}))]), "True is no number"),
        ("[" * 100_000, "neither JSON nor CSV"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_place(file: Path, text: str, message: str) -> None:
    with pytest.raises(UnreadableStatement) as caught:
        read(file, text)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)


def test_bytes_that_are_no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableStatement, match="neither JSON nor CSV"):
        read_statement(file)


def test_a_column_that_is_not_there(file: Path) -> None:
    with pytest.raises(UnreadableStatement, match="no column 'Cost'; there are Date, USD"):
        read(file, "Date,USD\n", {"day": "Date", "cost": "Cost"})
