"""Leader: the one server that Sentinel says leads, and after a failover the next.

The Sentinels are asked before the first command, whenever the leader does not answer or refuses to be written to, when
they announce another, and now and then. Of several opinions the latest counts, and only of a server that says itself
that it leads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.config.redis import Sentinel
from gateway.stores.announcements import Announcements
from gateway.stores.dialler import Address, Dialler
from gateway.stores.fault import StoreFault
from gateway.stores.lane import Errand, Reply
from gateway.stores.lookout import Lookout, asked
from gateway.stores.node import Node, Terms, hand_over
from gateway.stores.slot import Word

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool
    from redis.exceptions import ResponseError

PERIOD: Final = 10.0  # seconds between two looks while all is well
_GRACE: Final = 0.1  # seconds for the other Sentinels once one has answered
_ROLE_LIMIT: Final = 0.5  # seconds
_MOST_MOVES: Final = 2
_LONGEST_NUMBER: Final = 20  # digits; an epoch has 64 bits
_log = logging.getLogger(__name__)


class Opinion(NamedTuple):
    """What a Sentinel says. `rank` grows with every failover, and when one has been promoted."""

    rank: int
    leader: Address


class Leader:
    def __init__(self, dialler: Dialler, sentinel: Sentinel, terms: Terms, pack: Callable[..., bytes]) -> None:
        from redis import exceptions

        self._dialler = dialler
        self._terms = terms
        self._sentinels = dialler.sentinels(sentinel)
        self._questions = (
            pack((b"SENTINEL", b"GET-MASTER-ADDR-BY-NAME", sentinel.service)),
            pack((b"SENTINEL", b"MASTER", sentinel.service)),
        )
        self._role = pack((b"ROLE",))
        self._demoted = (exceptions.ReadOnlyError, exceptions.MasterDownError)
        self._node: Node | None = None
        self._rank = -1  # of the opinion that it leads
        self._breaker = terms.breaker()  # of the Sentinels, while nobody is known to lead
        self._held: list[Errand] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._lookout = Lookout(self._look, PERIOD, terms.chance)
        self._announcements = Announcements(self._sentinels, self._lookout.soon, terms.chance)

    def take(self, errand: Errand, _command: tuple[Word, ...]) -> None:
        self._announcements.begin()
        self._lookout.now_and_then(errand.due)
        if self._node is not None:
            self._node.take(errand)
        elif self._breaker.allow():
            self._hold(errand)
        else:
            self._terms.on_fault("open")
            raise StoreFault("open")

    def pool_of(self, _key: bytes) -> ConnectionPool | None:
        return self._node.pool if self._node is not None else None

    async def close(self) -> None:
        await self._announcements.close()
        await self._lookout.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._node is not None:
            await self._node.close()

    def _refused(self, errand: Errand, refusal: ResponseError) -> bool:
        """Who is no leader any more is asked no more; the next is, if he is known in time."""
        if not isinstance(refusal, self._demoted):
            return False
        self._lookout.soon()
        errand.moves += 1
        if errand.moves > _MOST_MOVES:
            return False
        self._hold(errand)
        return True

    def _broken(self, _node: Node) -> None:
        self._lookout.soon()

    def _hold(self, errand: Errand) -> None:
        """Until there is news, or its time is over."""
        self._held.append(errand)
        if len(self._held) == 1:
            self._start(self._let_go())

    async def _let_go(self) -> None:
        while self._held:
            await self._lookout.news(min(errand.due for errand in self._held))
            now = asyncio.get_running_loop().time()
            held, self._held = self._held, []
            for errand in held:
                if errand.reply.done():
                    continue
                if errand.due <= now:
                    self._give_up(errand)
                elif self._node is None:
                    self._held.append(errand)
                else:
                    hand_over(errand, self._node)

    def _give_up(self, errand: Errand) -> None:
        if self._node is None and self._breaker.failure():
            _log.warning("no Sentinel names a Redis that leads: going on without it until one does")
        self._terms.on_fault("timeout")
        errand.reply.set_exception(StoreFault("timeout"))

    async def _look(self) -> bool:
        opinions = await self._opinions()
        if self._node is not None:  # they may be of those who have not heard yet
            opinions.add(Opinion(self._rank, self._node.address))
        for opinion in sorted(opinions, reverse=True):
            if self._dialler.may_be(opinion.leader) and await self._leads(opinion.leader):
                self._adopt(opinion)
                return True
        return False

    async def _opinions(self) -> set[Opinion]:
        """Of those who answer in time."""
        asking = {asyncio.ensure_future(asked(pool, self._questions)) for pool in self._sentinels}
        found: set[Opinion] = set()
        waiting, limit = asking, None
        try:
            while waiting:
                done, waiting = await asyncio.wait(waiting, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    break
                found.update(_opinions_in(task.result() for task in done))
                limit = _GRACE if found else None
        finally:
            for task in waiting:
                task.cancel()
        return found

    async def _leads(self, address: Address) -> bool:
        replies = await asked(self._dialler.pool(address), (self._role,), _ROLE_LIMIT)
        return replies is not None and isinstance(replies[0], list) and replies[0][:1] == [b"master"]

    def _adopt(self, opinion: Opinion) -> None:
        before, address = self._node, opinion.leader
        self._rank = opinion.rank
        if before is not None and before.address == address:
            return
        self._node = Node(self._dialler, address, self._terms, self._refused, self._broken)
        self._breaker.success()
        if before is not None:
            _log.info("another Redis leads", extra={"server": f"{address.host}:{address.port}"})
            self._start(before.close())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _opinions_in(answers: Iterable[list[Reply] | None]) -> Iterable[Opinion]:
    for answer in answers:
        match answer:
            case [[bytes(host), bytes(port)], [*told]] if _is_number(port):
                known = _pairs_in(told)
                epoch = known.get(b"config-epoch", b"")
                # Who leads the failover names the next before it has made him the leader of its books.
                is_new = (known.get(b"ip", host), known.get(b"port", port)) != (host, port)
                if _is_number(epoch):
                    yield Opinion(2 * int(epoch) + is_new, Address(host.decode(errors="replace"), int(port)))


def _is_number(word: bytes) -> bool:
    return word.isdigit() and len(word) <= _LONGEST_NUMBER


def _pairs_in(told: list[Reply]) -> dict[bytes, bytes]:
    pairs = zip(told[::2], told[1::2], strict=False)
    return {name: value for name, value in pairs if isinstance(name, bytes) and isinstance(value, bytes)}
