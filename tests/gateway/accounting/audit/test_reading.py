"""If these fail, a large audit is read in part, or all at once."""

from __future__ import annotations

import pytest

from gateway.accounting.audit import reading
from gateway.accounting.audit.anchor import Mark
from tests.gateway.accounting.audit.conftest import OpenSite
from tests.gateway.accounting.audit.site import Site, kept, stated
from tests.gateway.accounting.audit.tamper import take_apart


@pytest.mark.parametrize("page", [1, 2, 5, 100])
@pytest.mark.parametrize("short", [0, 1_000_000])
@pytest.mark.parametrize("apart", [False, True])
def test_pages_make_a_whole(site: Site, monkeypatch: pytest.MonkeyPatch, page: int, short: int, apart: bool) -> None:
    monkeypatch.setattr(reading, "_ANCHORS", reading._ANCHORS.limit(page))
    monkeypatch.setattr(reading, "FEW", page)
    monkeypatch.setattr(reading, "SHORT", short)
    for _ in range(3):
        site.write("w0", ["sent", "hit", "declined"] * 3)
        site.move()
    if apart:
        with site.ledger._database.writing() as connection:
            take_apart(connection)
    with site.ledger.reading() as connection:
        said = [anchor.statement for anchor in reading.anchors(connection, site.drain._scribe.replica)]
        read = [record for one in said for record in reading.records(connection, one)]
    assert [(one.number, one.kind) for one in said] == stated(site.ledger)
    assert read == [record for _, record in kept(site.ledger)]


def test_the_newest_of_each_replica(open_site: OpenSite) -> None:
    one, two = open_site("one"), open_site("two")
    two.now += 5
    for site, times in ((one, 1), (two, 3)):
        for _ in range(times):
            site.write("w0", ["sent"])
            site.move()
    with one.ledger.reading() as connection:
        found = reading.newest_marks(connection)
    assert {name: mark.number for name, (mark, _) in found.items()} == {
        one.drain._scribe.replica: 1,
        two.drain._scribe.replica: 3,
    }
    mark, at = found[two.drain._scribe.replica]
    assert isinstance(mark, Mark)
    assert at == two.now
