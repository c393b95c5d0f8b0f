"""If these fail, a list in pages skips rows or gives some twice."""

from __future__ import annotations

import base64
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admin.paging import Page, Wanted
from gateway.wire.errors import BadRequest

Row = tuple[float, str]


def _page(rows: list[Row], limit: int, cursor: str | None) -> Page[str]:
    wanted = Wanted(limit, cursor)
    after = wanted.after(float, str)
    found = [row for row in sorted(rows) if after is None or row > after]
    return wanted.page(found[: wanted.fetch], lambda row: row, lambda row: row[1])


@given(st.sets(st.tuples(st.floats(0, 3), st.text("ab/é", max_size=3))), st.integers(1, 5))
def test_the_pages_together_are_the_list(rows: set[Row], limit: int) -> None:
    listed, cursor = [], None
    for number in count(1):
        page = _page(list(rows), limit, cursor)
        assert len(page.data) <= limit
        listed += page.data
        cursor = page.next_cursor
        assert page.has_more == (cursor is not None)
        if cursor is None:
            break
        assert number <= len(rows)
    assert listed == [name for _, name in sorted(rows)]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ü",
        base64.urlsafe_b64encode(b"[1, 2]").decode(),
        base64.urlsafe_b64encode(b'[1.5, "a", 3]').decode(),
        base64.urlsafe_b64encode(b'[true, "a"]').decode(),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"\xff").decode(),
    ],
)
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(BadRequest) as caught:
        Wanted(10, cursor).after(float, str)
    assert (caught.value.param, caught.value.code) == ("cursor", "invalid_value")
