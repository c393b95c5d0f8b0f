"""If these fail, content can travel further than somebody allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.clearance import ANY, LOCAL, NOWHERE, Clearance, is_zone_name

ZONES = ("local", "eu", "us", "cloud")
clearances = st.builds(Clearance, st.none() | st.frozensets(st.sampled_from(ZONES), max_size=4), st.booleans())


@given(clearances, clearances, st.sampled_from(ZONES), st.booleans())
def test_a_join_permits_only_what_both_permit(a: Clearance, b: Clearance, zone: str, masked: bool) -> None:
    joined = a.join(b)
    if joined.permits(zone, masked=masked):
        assert a.permits(zone, masked=masked)
        assert b.permits(zone, masked=masked)


@given(clearances, clearances, clearances)
def test_the_join_is_a_lattice(a: Clearance, b: Clearance, c: Clearance) -> None:
    assert a.join(b) == b.join(a)
    assert a.join(b.join(c)) == a.join(b).join(c)
    assert a.join(a) == a
    assert a.join(ANY) == a


@given(clearances)
def test_what_is_written_reads_back(clearance: Clearance) -> None:
    assert Clearance.parse(str(clearance)) == clearance


@pytest.mark.parametrize(
    ("text", "zones", "masked"),
    [
        ("any", None, False),
        ("local", {"local"}, False),
        ("eu+local", {"eu", "local"}, False),
        ("masked", None, True),
        ("masked:eu+local", {"eu", "local"}, True),
    ],
)
def test_the_notation(text: str, zones: set[str] | None, masked: bool) -> None:
    assert Clearance.parse(text) == Clearance(None if zones is None else frozenset(zones), masked)
    assert str(Clearance.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "Local", "eu+", "+", "any+local", "masked:", "masked:masked", "eu local", "a" * 40]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a clearance"):
        Clearance.parse(text)


def test_masked_content_stays_readable_at_home_only() -> None:
    masked = Clearance.parse("masked")
    assert masked.permits("local")
    assert not masked.permits("cloud")
    assert masked.permits("cloud", masked=True)


def test_what_is_local() -> None:
    assert LOCAL.is_local
    assert Clearance(frozenset()).is_local
    assert not Clearance.parse("eu+local").is_local
    assert not ANY.is_local


def test_zone_names() -> None:
    assert is_zone_name("eu-west-1")
    assert not any(is_zone_name(name) for name in ("any", "masked", "none", "EU", "1eu", ""))


def test_nowhere_is_not_even_home() -> None:
    assert NOWHERE.is_nowhere
    assert not LOCAL.is_nowhere
    assert not any(NOWHERE.permits(zone, masked=True) for zone in ZONES)
    assert all(clearance.join(NOWHERE).is_nowhere for clearance in (ANY, LOCAL, Clearance.parse("masked")))
