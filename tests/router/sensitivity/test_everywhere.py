"""Whatever JSON a body is, and wherever in it a value stands — a key, an unknown field, forty levels down — the scan
finds it there and says where. If this fails, content leaves unread.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.content import MAX_DEPTH, content_of
from router.sensitivity.scanner import Scanner

SCANNER = Scanner.default()
VALUES = ("ada.byron77@example.org", "DE89 3704 0044 0532 0130 00")
KEYS = st.one_of(
    st.text(min_size=1, max_size=12),
    st.sampled_from(
        [
            "messages", "content", "role", "type", "text", "tools", "arguments", "metadata", "user", "image_url", "url",
            "data", "input", "prompt", "name", "description", "properties", "input_audio", "file", "tool_calls", "stop",
            "function", "id", "parameters", "format", "detail", "status", "user_id", "x-unknown", "ß", "\u200b",
        ]
    ),
)  # fmt: skip
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9), st.text(max_size=20))
ANY = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))
UNREAD = frozenset({"encrypted_content", "signature"})


@st.composite
def planted(draw: st.DrawFn, deepest: int = MAX_DEPTH - 6) -> tuple[dict[str, Any], str, str]:
    """A body, the value in it, and the path at which it stands."""
    value = draw(st.sampled_from(VALUES))
    text = draw(st.sampled_from(["{}", "write: {}.", "\n{}\n", "« {} »"])).format(value)
    first = draw(KEYS)
    here: Any = {text: draw(LEAVES)} if draw(st.booleans()) else text
    path = f".{text}" if isinstance(here, dict) else ""
    for _ in range(draw(st.integers(0, deepest))):
        if draw(st.booleans()):
            before, behind = draw(st.lists(LEAVES, max_size=2)), draw(st.lists(LEAVES, max_size=2))
            here, path = [*before, here, *behind], f"[{len(before)}]{path}"
        else:
            key = draw(KEYS)
            here, path = {**draw(st.dictionaries(KEYS, LEAVES, max_size=2)), key: here}, f".{key}{path}"
    body = {**draw(st.dictionaries(KEYS, ANY, max_size=3)), first: here}
    return body, value, first + path


@settings(max_examples=150, deadline=None)
@given(planted())
def test_a_value_is_found_where_it_stands(case: tuple[dict[str, Any], str, str]) -> None:
    body, value, path = case
    content = content_of(body)
    scan = SCANNER.scan(content)
    places = {
        content.segments[finding.segment].path
        for finding in scan.findings
        if value in content.segments[finding.segment].text[finding.start : finding.end]
    }
    assert path in places
    assert scan.failed == ()


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1, 5 * MAX_DEPTH])
@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}])
def test_deeper_than_is_read_is_said_to_be_unread(levels: int, wrap: Any) -> None:
    here: Any = VALUES[0]
    for _ in range(levels):
        here = wrap(here)
    content = content_of({"x": here})
    assert content.opaque or SCANNER.scan(content).findings


@pytest.mark.parametrize("key", sorted(UNREAD))
def test_what_is_encrypted_is_said_to_be_unread(key: str) -> None:
    assert [part.path for part in content_of({"a": {key: VALUES[0]}}).opaque] == [f"a.{key}"]
