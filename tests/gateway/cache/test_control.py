"""cache-control: a caller who asks for a new answer, or that nothing be kept, must get that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.control import CacheDirectives, directives


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, CacheDirectives()),
        ("", CacheDirectives()),
        ("no-cache", CacheDirectives(no_cache=True)),
        ("No-Cache, NO-STORE", CacheDirectives(no_cache=True, no_store=True)),
        ("max-age=60", CacheDirectives(max_age=60)),
        ('max-age="60"', CacheDirectives(max_age=60)),
        (" no-store ,max-age = 5 ", CacheDirectives(no_store=True, max_age=5)),
        ("max-age=60, max-age=5, max-age=30", CacheDirectives(max_age=5)),
        ("max-age", CacheDirectives(max_age=0)),
        ("max-age=soon", CacheDirectives(max_age=0)),
        ("max-age=-1", CacheDirectives(max_age=0)),
        ("max-age=1.5", CacheDirectives(max_age=0)),
        ("max-age=٣", CacheDirectives(max_age=0)),
        ("max-age=" + "9" * 5000, CacheDirectives(max_age=2**31)),
        ("min-fresh=5, only-if-cached, x-no-cache, =", CacheDirectives()),
        ("no-cache=foo", CacheDirectives(no_cache=True)),
    ],
)
def test_directives(header: str | None, expected: CacheDirectives) -> None:
    assert directives(header) == expected


@given(st.text(max_size=80))
def test_no_header_makes_it_fail(header: str) -> None:
    assert isinstance(directives(header), CacheDirectives)


@pytest.mark.parametrize(
    ("header", "age", "accepted"),
    [
        (None, 10_000_000.0, True),
        ("no-cache", 0.0, False),
        ("no-store", 5.0, True),
        ("max-age=10", 10.0, True),
        ("max-age=10", 10.5, False),
        ("max-age=0", 0.0, False),
    ],
)
def test_accepts(header: str | None, age: float, accepted: bool) -> None:
    assert directives(header).accepts(age) is accepted
