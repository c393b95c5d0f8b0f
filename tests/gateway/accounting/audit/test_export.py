"""If these fail, what the compliance officer hands on is incomplete, or says something that was not so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.accounting.audit.chain import first_hash, hash_after
from gateway.accounting.audit.export import FIELDS, UNREADABLE, Exported, export
from gateway.accounting.period import Period
from tests.gateway.accounting.audit import tamper
from tests.gateway.accounting.audit.conftest import OpenSite
from tests.gateway.accounting.audit.site import Site, kept
from tests.gateway.accounting.samples import NOON


def exported(site: Site, start: float | None = None, end: float | None = None) -> list[Exported]:
    with site.ledger.reading() as connection:
        return list(export(connection, Period(start, end)))


def test_each_record_has_all_the_names_and_says_what_was_decided(site: Site) -> None:
    site.write("w0", ["sent", "hit", "declined"])
    site.move()
    rows = exported(site)
    assert [tuple(row) for row in rows] == [FIELDS] * 3
    assert [row["outcome"] for row in rows] == ["sent", "hit", "no_deployment"]
    first = rows[0]
    assert {name: first[name] for name in ("key", "team", "route", "clearance", "zone", "deployment", "model")} == {
        "key": "dev",
        "team": "red",
        "route": "auto",
        "clearance": "any",
        "zone": "cloud",
        "deployment": "large",
        "model": "gpt-4o",
    }
    assert (first["findings"], first["masked"], first["reason"]) == ({"EMAIL": 2}, {}, "difficult")
    assert first["more"] is False
    assert [row["role"] for row in rows] == ["answer"] * 3
    assert datetime.fromisoformat(str(first["time"])) == datetime.fromtimestamp(NOON + 1.001, UTC)
    assert rows[2]["deployment"] == rows[2]["zone"] == ""


def test_what_is_exported_can_be_checked_without_the_gateway(site: Site) -> None:
    site.write("w0", ["sent", "hit", "declined"])
    site.move()
    before = first_hash(str(exported(site)[0]["chain"]).partition("@")[0])
    for row in exported(site):
        before = hash_after(before, str(row["record"]))
        assert row["hash"] == before


def test_only_what_was_decided_in_the_time_is_in_it(open_site: OpenSite) -> None:
    one, two = open_site("one"), open_site("two")
    two.now += 0.5
    for site in (one, two):
        for _ in range(3):
            site.write("w0", ["sent", "sent", "hit"])
            site.move()

    def count(start: float | None, end: float | None) -> int:
        return len(exported(one, start, end))

    assert count(None, None) == 18
    assert count(NOON + 3, NOON + 6) == 6
    assert count(NOON + 5.2, None) == count(None, None) - count(None, NOON + 5.2)
    assert count(NOON + 100, None) == 0


@pytest.mark.parametrize("text", ["", '["a1"]', '{"outcome":"refused"}', '[["a1"', '["a","b",1e300'])
def test_what_is_no_record_is_shown_as_it_is(site: Site, text: str) -> None:
    site.write("w0", ["sent", "sent"])
    site.move()
    with site.ledger._database.writing() as connection:
        chain, second = kept(site.ledger)[1]
        tamper.put(connection, chain, second._replace(record=text))
    good, bad = exported(site)
    assert good["outcome"] == "sent"
    assert (bad["outcome"], bad["record"], bad["time"], bad["number"]) == (UNREADABLE, text, None, 2)


def test_a_time_that_is_none_is_unreadable(site: Site) -> None:
    site.write("w0", ["sent"])
    site.move()
    (row,) = exported(site)
    text = str(row["record"]).replace(str(NOON + 1.001), "1e300")
    assert text != row["record"]
    ((chain, only),) = kept(site.ledger)
    with site.ledger._database.writing() as connection:
        tamper.put(connection, chain, only._replace(record=text))
    assert [row["outcome"] for row in exported(site)] == [UNREADABLE]
