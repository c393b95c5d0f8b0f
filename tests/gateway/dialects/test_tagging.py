"""If these fail, a tagged request is not routed as its tag wants, or metadata of the client's own is refused."""

from __future__ import annotations

import pytest

from gateway.dialects.tagging import tags_of


@pytest.mark.parametrize(
    ("headers", "body", "tags"),
    [
        ({}, {}, ()),
        ({b"x-tidegate-tags": b"batch, eval"}, {}, ("batch, eval",)),
        ({}, {"metadata": {"tags": "batch"}}, ("batch",)),
        ({}, {"metadata": {"tags": ["a", "b"]}}, ("a", "b")),
        ({b"x-tidegate-tags": b"x"}, {"metadata": {"tags": ["a", 1, None]}}, ("x", "a")),
        ({b"x-tidegate-tags": b"x"}, {"metadata": None}, ("x",)),
        ({}, {"metadata": {"tags": {"own": "thing"}}}, ()),
        ({}, {"metadata": "text"}, ()),
        ({}, {"metadata": {"other": "a"}}, ()),
    ],
)
def test_what_is_a_tag(headers: dict[bytes, bytes], body: dict[str, object], tags: tuple[str, ...]) -> None:
    assert tags_of(headers, body) == tags
