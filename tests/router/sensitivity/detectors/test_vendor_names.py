"""A key without any form of its own stands behind its vendor's name; so do commits and events, which are none."""

from __future__ import annotations

import pytest

from router.sensitivity.detectors.vendor_names import VENDOR_NAMES
from router.sensitivity.patterns import PatternSet
from router.sensitivity.view import view_of

HEX = "3fa9c27be41d8065" * 2


def found(text: str) -> list[str]:
    view = view_of(text)
    hits = PatternSet(VENDOR_NAMES.triggers).match(view.data)
    return [text[span.start : span.end] for span in VENDOR_NAMES.find(view, hits)]


@pytest.mark.parametrize(
    "text",
    [
        f'datadog_api_key = "{HEX}"',
        f"deepgram={HEX}",
        f"'algolia': '{HEX}'",
        f"const mailjetSecret = '{HEX}'",
        f"BITTREX_SECRET: {HEX}",
        f"github_token: {HEX}",
    ],
)
def test_found(text: str) -> None:
    assert found(text) == [HEX]


def test_an_id_is_a_key_where_nothing_else_stands() -> None:
    assert found("heroku = c0e7f6ab-1581-47b8-8562-f60dbdeb72dd")
    assert not found("heroku_build: c0e7f6ab-1581-47b8-8562-f60dbdeb72dd")


@pytest.mark.parametrize(
    "text",
    [
        f"github: {HEX}",
        f"sentry_event: {HEX}",
        f"datadog_trace_id: {HEX}",
        "stripe: https://dashboard.example.com/a1b2c3d4e5f6",
        "openai: gpt-4o-mini-2024-07-18",
        "anthropic = claude-3-5-sonnet-20241022",
        f"branch: feature-{HEX}",
        "slack = xxxxxxxxxxxxxxxxxxxxxxxx",
        f"sumOfExposures = {HEX}",
    ],
)
def test_left_alone(text: str) -> None:
    assert found(text) == []
