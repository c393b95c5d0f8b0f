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
        ("x-no-cache, =", CacheDirectives()),
        ("only-if-cached", CacheDirectives(only_if_cached=True)),
        ("min-fresh=5, min-fresh=7", CacheDirectives(min_fresh=7)),
        ("min-fresh=soon", CacheDirectives(min_fresh=2**31)),
        ("max-stale", CacheDirectives(max_stale=2**31)),
        ("max-stale=5, max-stale", CacheDirectives(max_stale=5)),
        ("max-stale=soon", CacheDirectives(max_stale=0)),
        ("stale-if-error=60, stale-if-error=30", CacheDirectives(stale_if_error=30)),
        ("stale-if-error", CacheDirectives(stale_if_error=0)),
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
        (None, 99.0, True),
        (None, 100.0, False),
        ("no-cache", 0.0, False),
        ("no-store", 5.0, True),
        ("max-age=10", 10.0, True),
        ("max-age=10", 10.5, False),
        ("max-age=1000", 100.0, False),
        ("max-age=0", 0.0, False),
        ("min-fresh=20", 79.0, True),
        ("min-fresh=20", 80.0, False),
        ("max-stale", 1_000_000.0, True),
        ("max-stale=20", 119.0, True),
        ("max-stale=20", 120.0, False),
        ("max-stale=20, max-age=50", 60.0, False),
        ("max-stale, no-cache", 5.0, False),
        ("stale-if-error=20", 100.0, False),
    ],
)
def test_what_will_do(header: str | None, age: float, accepted: bool) -> None:
    assert directives(header).accepts(age, 100) is accepted


@pytest.mark.parametrize(
    ("header", "age", "accepted"),
    [
        (None, 1_000_000.0, True),
        ("no-cache", 101.0, False),
        ("no-cache, stale-if-error=60", 101.0, False),
        ("max-age=10", 20.0, False),
        ("min-fresh=10", 95.0, False),
        ("max-age=10, stale-if-error=60", 70.0, True),
        ("max-age=10, stale-if-error=60", 71.0, False),
        ("max-age=1000, stale-if-error=60", 161.0, False),
        ("stale-if-error=60", 160.0, True),
        ("stale-if-error=60", 161.0, False),
        ("stale-if-error=0", 101.0, False),
        ("max-stale=5", 120.0, True),
    ],
)
def test_what_will_do_instead_of_an_error(header: str | None, age: float, accepted: bool) -> None:
    assert directives(header).accepts_instead(age, 100) is accepted
