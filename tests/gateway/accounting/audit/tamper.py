"""What somebody can do who may write to the database, and has neither the key nor the gateway's machine.

Each takes a connection and a source of choices, and returns whether it changed anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from hypothesis import strategies as st
from sqlalchemy import Connection, Row, delete, insert, select, update

from gateway.accounting.audit.anchor import COLUMNS, Anchor, Statement, anchor_of, made, row_of
from gateway.accounting.audit.block import Sealed, sealed_of
from gateway.accounting.audit.chain import first_hash, hash_after
from gateway.accounting.audit.signer import Signer
from gateway.accounting.audit.tables import ANCHORS, BLOCKS

T = TypeVar("T")
Tampering = Callable[[Connection, st.DataObject], bool]

_OWN: Final = Signer.of("a key of the intruder's own")


def chain(connection: Connection, data: st.DataObject) -> tuple[str, list[Sealed]]:
    names = connection.execute(select(BLOCKS.c.chain).distinct().order_by(BLOCKS.c.chain)).scalars().all()
    name = pick(data, names)
    return name, [record for block in blocks(connection, name) for record in sealed_of(block.lines)]


def blocks(connection: Connection, name: str) -> Sequence[Row[Any]]:
    """Of a chain: `first` and `lines`."""
    return connection.execute(select(BLOCKS).where(BLOCKS.c.chain == name).order_by(BLOCKS.c.first)).all()


def anchors(connection: Connection) -> list[Anchor]:
    rows = connection.execute(select(*COLUMNS).order_by(ANCHORS.c.replica, ANCHORS.c.number))
    return [anchor_of(row) for row in rows]


def pick(data: st.DataObject, choices: Sequence[T]) -> T:
    return choices[place_in(data, len(choices))]


def place_in(data: st.DataObject, length: int) -> int:
    """What is drawn does not depend on what is there, which is never quite the same."""
    return data.draw(st.integers(0, 999)) % length


def put(connection: Connection, name: str, record: Sealed) -> None:
    """In the place of the one with its number."""
    for block in blocks(connection, name):
        lines = [record if old.number == record.number else old for old in sealed_of(block.lines)]
        write(connection, name, block.first, lines)


def drop(connection: Connection, name: str, number: int) -> None:
    for block in blocks(connection, name):
        write(connection, name, block.first, [old for old in sealed_of(block.lines) if old.number != number])


def write(connection: Connection, name: str, first: int, records: Sequence[Sealed]) -> None:
    """The block has these instead of what it had; without any it is gone."""
    where = (BLOCKS.c.chain == name) & (BLOCKS.c.first == first)
    if records:
        connection.execute(update(BLOCKS).where(where).values(lines="\n".join(map(line_of, records))))
    else:
        connection.execute(delete(BLOCKS).where(where))


def line_of(record: Sealed) -> str:
    return f"{record.record}\t{record.number} {record.hash}"


def take_apart(connection: Connection) -> None:
    """A block for each record, as the tables of an early version were carried over."""
    for row in connection.execute(select(BLOCKS)).all():
        write(connection, row.chain, row.first, [])
        for record in sealed_of(row.lines):
            values = {"chain": row.chain, "first": record.number, "lines": line_of(record)}
            connection.execute(insert(BLOCKS), values)


def drop_anchor(connection: Connection, said: Statement) -> None:
    connection.execute(delete(ANCHORS).where(ANCHORS.c.replica == said.replica, ANCHORS.c.number == said.number))


def replace_anchor(connection: Connection, old: Statement, new: Anchor) -> None:
    drop_anchor(connection, old)
    connection.execute(insert(ANCHORS), row_of(new))


def changed_text(data: st.DataObject, text: str) -> str:
    place = place_in(data, len(text))
    return text[:place] + pick(data, [mark for mark in 'x7"[' if mark != text[place]]) + text[place + 1 :]


def change_a_record(connection: Connection, data: st.DataObject) -> bool:
    name, records = chain(connection, data)
    record = pick(data, records)
    put(connection, name, record._replace(record=changed_text(data, record.record)))
    return True


def change_a_record_and_its_hash(connection: Connection, data: st.DataObject) -> bool:
    name, records = chain(connection, data)
    place = place_in(data, len(records))
    before = records[place - 1].hash if place else first_hash(name.partition("@")[0])
    text = changed_text(data, records[place].record)
    put(connection, name, records[place]._replace(record=text, hash=hash_after(before, text)))
    return True


def rewrite_all_that_follows(connection: Connection, data: st.DataObject) -> bool:
    """And the anchors' heads with it, signed with a key of one's own, or not signed again."""
    name, records = chain(connection, data)
    place = place_in(data, len(records))
    before = records[place - 1].hash if place else first_hash(name.partition("@")[0])
    heads = {}
    for number, record in enumerate(records[place:], place):
        text = changed_text(data, record.record) if number == place else record.record
        before = hash_after(before, text)
        heads[record.number] = before
        put(connection, name, record._replace(record=text, hash=before))
    sign = data.draw(st.booleans())
    links: dict[str, str] = {}
    for anchor in anchors(connection):
        said = anchor.statement
        head = heads.get(said.last, said.head) if said.chain == name else said.head
        said = said._replace(head=head, previous=links.get(said.replica, said.previous))
        new = made(said, _OWN) if sign else Anchor(said, said.hash, anchor.signature)
        links[said.replica] = new.hash
        replace_anchor(connection, anchor.statement, new)
    return True


def remove_a_record(connection: Connection, data: st.DataObject) -> bool:
    name, records = chain(connection, data)
    drop(connection, name, pick(data, records).number)
    return True


def remove_a_record_and_close_the_gap(connection: Connection, data: st.DataObject) -> bool:
    name, records = chain(connection, data)
    place = place_in(data, len(records))
    before = records[place - 1].hash if place else first_hash(name.partition("@")[0])
    for number, record in enumerate(records[place + 1 :], records[place].number):
        before = hash_after(before, record.record)
        put(connection, name, Sealed(number, before, record.record))
    drop(connection, name, records[-1].number)
    return True


def remove_a_chain(connection: Connection, data: st.DataObject) -> bool:
    name, _ = chain(connection, data)
    connection.execute(delete(BLOCKS).where(BLOCKS.c.chain == name))
    return True


def exchange_two_records(connection: Connection, data: st.DataObject) -> bool:
    name, records = chain(connection, data)
    one, other = pick(data, records), pick(data, records)
    put(connection, name, one._replace(record=other.record, hash=other.hash))
    put(connection, name, other._replace(record=one.record, hash=one.hash))
    return one != other


def add_a_record(connection: Connection, data: st.DataObject) -> bool:
    """At the end, before the beginning, or in a chain of its own; in a block of its own."""
    name, records = chain(connection, data)
    record = pick(data, records)
    where, number = pick(data, [(name, records[-1].number + 1), (name, 0), (name, -5), (f"x{name}", 1)])
    new = Sealed(number, hash_after(records[-1].hash, record.record), record.record)
    connection.execute(insert(BLOCKS), {"chain": where, "first": number, "lines": line_of(new)})
    return True


def add_a_line(connection: Connection, data: st.DataObject) -> bool:
    """One that is there already, or whatever else, in a block that is there."""
    name, records = chain(connection, data)
    block = pick(data, blocks(connection, name))
    lines = block.lines.split("\n")
    new = pick(data, ["", "x", "x\t1", lines[-1], lines[0], line_of(pick(data, records)), f"\t{'9' * 30} "])
    place = place_in(data, len(lines) + 1)
    text = "\n".join([*lines[:place], new, *lines[place:]])
    where = (BLOCKS.c.chain == name) & (BLOCKS.c.first == block.first)
    connection.execute(update(BLOCKS).where(where).values(lines=text))
    return True


def change_a_character(connection: Connection, data: st.DataObject) -> bool:
    """Of a block, whatever it is a part of."""
    name, _ = chain(connection, data)
    block = pick(data, blocks(connection, name))
    where = (BLOCKS.c.chain == name) & (BLOCKS.c.first == block.first)
    connection.execute(update(BLOCKS).where(where).values(lines=changed_text(data, block.lines)))
    return True


def exchange_two_lines(connection: Connection, data: st.DataObject) -> bool:
    """With their numbers."""
    name, records = chain(connection, data)
    one, other = pick(data, records), pick(data, records)
    for block in blocks(connection, name):
        lines = [{one: other, other: one}.get(old, old) for old in sealed_of(block.lines)]
        write(connection, name, block.first, lines)
    return one != other


def remove_a_block(connection: Connection, data: st.DataObject) -> bool:
    name, _ = chain(connection, data)
    write(connection, name, pick(data, blocks(connection, name)).first, [])
    return True


def join_two_blocks(connection: Connection, data: st.DataObject) -> bool:
    """No change where one anchor tells of both: nothing is said of how its records are put up."""
    name, _ = chain(connection, data)
    one, *more = blocks(connection, name)
    if not more:
        return False
    write(connection, name, more[0].first, [])
    write(connection, name, one.first, [*sealed_of(one.lines), *sealed_of(more[0].lines)])
    said = [anchor.statement for anchor in anchors(connection)]
    return (name, "records", more[0].first) in [(own.chain, own.kind, own.first) for own in said]


def change_an_anchor(connection: Connection, data: st.DataObject) -> bool:
    anchor = pick(data, anchors(connection))
    old: Any = anchor.statement
    field = pick(data, [*Statement._fields, "hash", "signature"])
    if field == "hash":
        new = anchor._replace(hash="0" * len(anchor.hash))
    elif field == "signature":
        new = anchor._replace(signature="0" * len(anchor.signature))
    else:
        value = getattr(old, field)
        said = old._replace(**{field: f"{value}0" if isinstance(value, str) else value + 1000})
        new = Anchor(said, *pick(data, [(anchor.hash, anchor.signature), (said.hash, anchor.signature)]))
    replace_anchor(connection, old, new)
    return True


def remove_an_anchor(connection: Connection, data: st.DataObject) -> bool:
    drop_anchor(connection, pick(data, anchors(connection)).statement)
    return True


def remove_an_anchor_and_its_records(connection: Connection, data: st.DataObject) -> bool:
    said = pick(data, anchors(connection)).statement
    drop_anchor(connection, said)
    for number in range(said.first, said.last + 1):
        drop(connection, said.chain, number)
    return True


def remove_the_beginning(connection: Connection, data: st.DataObject) -> bool:
    """As retention does, but without its word."""
    everything = anchors(connection)
    last = pick(data, everything).statement
    for anchor in everything:
        said = anchor.statement
        if said.replica == last.replica and said.number <= last.number:
            drop_anchor(connection, said)
            for number in range(1, said.last + 1):
                drop(connection, said.chain, number)
    return True


def remove_the_end(connection: Connection, data: st.DataObject) -> bool:
    """All of what a replica wrote from some moment on, up to everything."""
    everything = anchors(connection)
    first = pick(data, everything).statement
    for anchor in everything:
        said = anchor.statement
        if said.replica == first.replica and said.number >= first.number:
            drop_anchor(connection, said)
            for number in range(said.first, said.last + 1):
                drop(connection, said.chain, number)
    return True


def say_that_it_was_cut(connection: Connection, data: st.DataObject) -> bool:
    """With a key of one's own, after having removed it."""
    said = pick(data, anchors(connection)).statement
    newest = max(
        (anchor for anchor in anchors(connection) if anchor.statement.replica == said.replica),
        key=lambda anchor: anchor.statement.number,
    )
    for number in range(1, said.last + 1):
        drop(connection, said.chain, number)
    cut = said._replace(kind="cut", first=0, number=newest.statement.number + 1, previous=newest.hash)
    connection.execute(insert(ANCHORS), row_of(made(cut, _OWN)))
    return True


KINDS: Final[tuple[Tampering, ...]] = (
    change_a_record,
    change_a_record_and_its_hash,
    rewrite_all_that_follows,
    remove_a_record,
    remove_a_record_and_close_the_gap,
    remove_a_chain,
    exchange_two_records,
    add_a_record,
    add_a_line,
    change_a_character,
    exchange_two_lines,
    remove_a_block,
    join_two_blocks,
    change_an_anchor,
    remove_an_anchor,
    remove_an_anchor_and_its_records,
    remove_the_beginning,
    remove_the_end,
    say_that_it_was_cut,
)
