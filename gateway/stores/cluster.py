"""Cluster: several servers that each have a part of the slots. A command goes to the one that has its key.

Which has which is learned from them, and corrected by what they say to commands that came to the wrong one (`MOVED`,
`ASK`); so nobody waits for the table, neither at the start nor while slots move.
https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from gateway.stores.dialler import Address, Dialler
from gateway.stores.lane import Errand, Reply
from gateway.stores.lookout import Lookout, asked
from gateway.stores.node import Node, Terms, hand_over
from gateway.stores.slot import SLOTS, Word, key_of, slot_of

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.exceptions import AskError, ResponseError

PERIOD: Final = 30.0  # seconds between two looks while all is well
MOST_MOVES: Final = 3
MOST_NODES: Final = 1024  # more than a Cluster is made for
_LOOK_LIMIT: Final = 0.5  # seconds for one server to say what it knows
_MOST_ASKED: Final = 5  # of them in one look
T = TypeVar("T")


class View(NamedTuple):
    """What one server says. `whole`: all slots are served, as far as it can tell."""

    whole: bool
    ranges: tuple[tuple[int, int, Address], ...]  # first slot, last slot, who has them


class Cluster:
    def __init__(self, dialler: Dialler, terms: Terms, pack: Callable[..., bytes]) -> None:
        from redis import exceptions

        self._dialler = dialler
        self._terms = terms
        self._questions = (pack((b"CLUSTER", b"INFO")), pack((b"CLUSTER", b"SLOTS")))
        self._redirected = exceptions.AskError
        self._moved = exceptions.MovedError
        self._down = exceptions.ClusterDownError
        self._nodes: dict[Address, Node] = {}
        self._slots: list[Node | None] = [None] * SLOTS
        self._closing: set[asyncio.Task[None]] = set()
        self._lookout = Lookout(self._look, PERIOD, terms.chance)

    def take(self, errand: Errand, command: tuple[Word, ...]) -> None:
        self._lookout.now_and_then(errand.due)
        key = key_of(command)
        node = self._anybody() if key is None else self._slots[slot_of(key)] or self._anybody()
        node.take(errand)

    def pool_of(self, key: bytes) -> ConnectionPool | None:
        node = self._slots[slot_of(key)]
        return None if node is None else node.pool

    async def close(self) -> None:
        await self._lookout.close()
        await asyncio.gather(*(node.close() for node in self._nodes.values()), *self._closing)

    def _anybody(self) -> Node:
        """Somebody who knows where a command belongs: one who answers, where there is one."""
        nodes = list(self._nodes.values())
        able = [node for node in nodes if not node.breaker.is_open]
        unasked = [address for address in self._dialler.seeds if address not in self._nodes]
        if able or not unasked:
            return self._one_of(able or nodes)
        return self._added(self._one_of(unasked))

    def _node(self, address: Address) -> Node | None:
        """None for one that may not be asked."""
        node = self._nodes.get(address)
        if node is not None:
            return node
        if len(self._nodes) >= MOST_NODES or not self._dialler.may_be(address):
            return None
        return self._added(address)

    def _added(self, address: Address) -> Node:
        def refused(errand: Errand, refusal: ResponseError) -> bool:
            return self._refused(address, errand, refusal)

        def broken(_node: Node) -> None:
            self._lookout.soon()

        node = self._nodes[address] = Node(self._dialler, address, self._terms, refused, broken)
        return node

    def _one_of(self, some: Sequence[T]) -> T:
        return some[int(self._terms.chance() * len(some))]

    def _refused(self, by: Address, errand: Errand, refusal: ResponseError) -> bool:
        if not isinstance(refusal, self._redirected):
            if isinstance(refusal, self._down):
                self._lookout.soon()
            return False
        errand.moves += 1
        node = self._node(Address(refusal.host or by.host, refusal.port))
        if node is None or errand.moves > MOST_MOVES:
            return False
        if isinstance(refusal, self._moved):
            self._settle(refusal, node)
        errand.asking = not isinstance(refusal, self._moved)
        # The server that takes it over has not had its time yet.
        errand.due = max(errand.due, asyncio.get_running_loop().time() + self._terms.timeout / 2)
        hand_over(errand, node)
        return True

    def _settle(self, moved: AskError, node: Node) -> None:
        if 0 <= moved.slot_id < SLOTS and self._slots[moved.slot_id] is not node:
            self._slots[moved.slot_id] = node
            self._lookout.soon()  # it is seldom one alone

    async def _look(self) -> bool:
        view = await self._view()
        if view is None:
            return False
        slots: list[Node | None] = [None] * SLOTS
        for first, last, address in view.ranges:
            node = self._node(address)
            slots[first : last + 1] = [node] * (last + 1 - first)
        self._slots = slots
        used = {id(node) for node in slots}
        for address, node in tuple(self._nodes.items()):
            if id(node) not in used:
                del self._nodes[address]
                task = asyncio.get_running_loop().create_task(node.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
        return view.whole and not any(node.breaker.is_open for node in self._nodes.values())

    async def _view(self) -> View | None:
        """Of the first who says that all slots are served, else of the last who said anything."""
        known = {address: node.breaker.is_open for address, node in self._nodes.items()}
        known = {**dict.fromkeys(self._dialler.seeds, False), **known}
        found: View | None = None
        for address in sorted(known, key=lambda one: (known[one], self._terms.chance()))[:_MOST_ASKED]:
            replies = await asked(self._dialler.pool(address), self._questions, _LOOK_LIMIT)
            view = None if replies is None else _seen(replies, address)
            if view is not None and view.whole:
                return view
            found = view or found
        return found


def _seen(replies: list[Reply], by: Address) -> View | None:
    """None for what is no answer to the questions, or says of no slot who has it."""
    match replies:
        case [bytes(info), [*ranges]]:
            read = tuple(_ranges_in(ranges, by))
            covered = sum(last + 1 - first for first, last, _ in read)
            return View(b"cluster_state:ok" in info and covered == SLOTS, read) if read else None
    return None


def _ranges_in(ranges: Iterable[Reply], by: Address) -> Iterable[tuple[int, int, Address]]:
    for one in ranges:
        match one:
            case [int(first), int(last), [host, int(port), *_], *_] if 0 <= first <= last < SLOTS:
                # One that does not know the name it is reached by leaves it out: then it is that by which it was asked.
                name = host.decode(errors="replace") if isinstance(host, bytes) else ""
                yield first, last, Address(name or by.host, port)
