"""If these fail, somebody can change what the gateway wrote down and nobody sees it, or an honest audit is doubted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from gateway.accounting.audit.anchor import Mark
from gateway.accounting.audit.faults import Fault, Verdict
from gateway.accounting.audit.reading import newest_marks
from gateway.accounting.audit.replica import kept_mark
from gateway.accounting.audit.signer import Signer
from gateway.accounting.audit.tables import ANCHORS, BLOCKS
from gateway.accounting.audit.verify import verify
from gateway.accounting.ledger import Ledger
from tests.gateway.accounting.audit import tamper
from tests.gateway.accounting.audit.site import SECRET, Site, Undo, faults, found, kept, stated, verdict

PUBLIC = Signer.of(SECRET).public
KINDS = st.lists(st.sampled_from(["sent", "hit", "declined"]), min_size=1, max_size=4)
# Of a replica, in turn: a worker writes lines; all is moved into the database; a worker ends, or is killed.
STEPS = st.lists(st.tuples(st.sampled_from(["w0", "w1"]), KINDS, st.booleans(), st.booleans()), min_size=1, max_size=5)
LOGS = st.lists(STEPS, min_size=1, max_size=2)

Log = list[list[tuple[str, list[str], bool, bool]]]


def written(ledger: Ledger, folders: Iterator[Path], log: Log) -> dict[str, Mark]:
    """What the replicas remember of it."""
    with ledger._database.writing() as connection:
        connection.execute(delete(BLOCKS))
        connection.execute(delete(ANCHORS))
    marks: dict[str, Mark] = {}
    for steps in log:
        site = Site(next(folders), ledger)
        for worker, kinds, moves, ends in steps:
            site.write(worker, kinds)
            if moves:
                site.move()
            if ends:
                site.end(worker)
        site.close()
        site.move()
        marks |= kept_mark(site.directory)
    return marks


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(LOGS, st.booleans())
def test_what_nobody_touched_is_intact(ledger: Ledger, folders: Iterator[Path], log: Log, apart: bool) -> None:
    marks = written(ledger, folders, log)
    if apart:
        with ledger._database.writing() as connection:
            tamper.take_apart(connection)
    looked_at = Verdict()
    with ledger.reading() as connection:
        assert list(verify(connection, looked_at, keys={PUBLIC}, marks=marks)) == []
    lines = sum(len(kinds) for steps in log for _, kinds, _, _ in steps)
    assert (looked_at.records, looked_at.replicas, looked_at.unsigned) == (lines, len(log), 0)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(LOGS, st.booleans(), st.sampled_from(tamper.KINDS), st.data())
def test_whatever_was_done_to_it_is_found(
    ledger: Ledger,
    folders: Iterator[Path],
    log: Log,
    apart: bool,
    tampering: tamper.Tampering,
    data: st.DataObject,
) -> None:
    marks = written(ledger, folders, log)
    with suppress(Undo), ledger._database.writing() as connection:
        if apart:
            tamper.take_apart(connection)
        if tampering(connection, data):
            assert found(connection, marks) != []
        raise Undo


@pytest.fixture
def site(site: Site) -> Site:
    """Two workers, the second of which is over; numbers 1 to 5 of the one, 1 to 3 of the other."""
    site.write("w0", ["sent", "hit"])
    site.write("w1", ["declined", "sent", "sent"])
    site.move()
    site.end("w1")
    site.write("w0", ["sent", "sent", "declined"])
    site.move()
    return site


def first_chain(site: Site) -> str:
    return kept(site.ledger)[0][0]


def test_it_is_said_which_record_it_is(site: Site) -> None:
    chain = first_chain(site)
    with site.ledger._database.writing() as connection:
        record = next(one for name, one in kept(site.ledger) if (name, one.number) == (chain, 3))
        tamper.put(connection, chain, record._replace(record=record.record.replace("cloud", "local")))
    (fault,) = faults(site.ledger, [PUBLIC])
    assert (fault.where, fault.number) == (f"chain {chain}", 3)
    assert "local" not in str(fault)


def test_it_is_said_how_many_are_missing(site: Site) -> None:
    chain = first_chain(site)
    with site.ledger._database.writing() as connection:
        for number in (3, 4):
            tamper.drop(connection, chain, number)
    assert faults(site.ledger, [PUBLIC]) == [Fault(f"chain {chain}", 3, "2 records missing")]


def test_without_a_key_the_chains_are_checked_and_the_signatures_counted(site: Site) -> None:
    seen = Verdict()
    with site.ledger.reading() as connection:
        assert list(verify(connection, seen, keys=(), marks={})) == []
    assert seen.unsigned == seen.anchors == len(stated(site.ledger))


def test_signatures_of_a_key_that_is_not_trusted_are_no_signatures(site: Site) -> None:
    other = Signer.of("another").public
    assert len(faults(site.ledger, [other])) == len(stated(site.ledger))
    assert faults(site.ledger, [other, PUBLIC]) == []


def test_what_was_kept_elsewhere_shows_an_end_that_was_cut_off(site: Site) -> None:
    """Without it, what is left looks whole."""
    with site.ledger.reading() as connection:
        marks = {replica: mark for replica, (mark, _) in newest_marks(connection).items()}
    (replica,) = marks
    with site.ledger._database.writing() as connection:
        last = marks[replica].number
        connection.execute(delete(ANCHORS).where(ANCHORS.c.number > 2))
        connection.execute(delete(BLOCKS).where(BLOCKS.c.chain == first_chain(site), BLOCKS.c.first > 2))
    assert verdict(site.ledger).records == 5
    (fault,) = faults(site.ledger, [PUBLIC], marks)
    assert (fault.where, fault.number) == (f"replica {replica}", last)
    (fault,) = faults(site.ledger, [PUBLIC], {"f" * 12: Mark(1, "0" * 64)})
    assert str(fault) == "replica ffffffffffff: is missing, with all its anchors"
