"""Rooms: those of all deployments of a worker. They go on from one configuration to the next, with whoever is in them.

A deployment has one where its seats are counted, or where a route chooses by how busy it is.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.config.settings import Deployment, Settings
from gateway.egress.lookout import Lookout
from gateway.egress.room import Room, Tells, Terms
from gateway.egress.target import target_of
from router.clearance import LOCAL_ZONE


class Rooms:
    """Of one worker, by its number. `clock` is steady seconds, `draw` gives 0 to below 1."""

    def __init__(self, worker: str, clock: Callable[[], float], draw: Callable[[], float], tells: Tells) -> None:
        self._number = int(worker) if worker.isdigit() else 1
        self._clock = clock
        self._draw = draw
        self._tells = tells
        self._rooms: dict[str, Room] = {}
        self._lookouts: dict[str, Lookout] = {}
        self._former: list[Lookout] = []

    def of(self, settings: Settings) -> dict[str, Room]:
        """By deployment, as these settings want them."""
        chosen = _chosen_among(settings)
        rooms: dict[str, Room] = {}
        for name, deployment in settings.deployments.items():
            if not deployment.asleep and (deployment.concurrent is not None or name in chosen):
                room = rooms[name] = self._rooms.get(name) or Room(name, self._clock, self._tells)
                room.furnish(terms_of(deployment, settings.server.workers, self._number))
                self._look_at(room, deployment if name in chosen else None)
        for name in self._rooms.keys() - rooms.keys():
            self._rooms[name].furnish(Terms())
            self._look_at(self._rooms[name], None)
        left = {name: room for name, room in self._rooms.items() if name not in rooms and room.taken}
        self._rooms = {**rooms, **left}  # the next configuration may count again who is in there
        return rooms

    async def close(self) -> None:
        former, self._former = [*self._former, *self._lookouts.values()], []
        self._lookouts.clear()
        for lookout in former:
            await lookout.close()

    def _look_at(self, room: Room, deployment: Deployment | None) -> None:
        """Has somebody look at it, if it says anything of itself, and as before where it is the same one."""
        target = None if deployment is None or not _tells_load(deployment) else target_of(room.name, deployment, None)
        kind = "" if deployment is None else deployment.load
        before = self._lookouts.get(room.name)
        if before is not None and before.target == target and before.kind == kind:
            return
        if before is not None:
            before.end()
            self._former.append(self._lookouts.pop(room.name))
        room.on_wanted = None
        if target is not None:
            lookout = self._lookouts[room.name] = Lookout(room, target, kind, self._draw)
            room.on_wanted = lookout.wanted


def terms_of(deployment: Deployment, workers: int, number: int) -> Terms:
    """A worker's part of the seats and of the queue; each has one seat at least. `number`: its own, from 1 on."""
    concurrent, queue = deployment.concurrent, deployment.queue
    if concurrent is None:
        return Terms(workers=workers)
    seats, length = max(1, _part(concurrent, workers, number)), _part(queue.length, workers, number)
    return Terms(seats, length, queue.patience, workers)


def _part(count: int, workers: int, number: int) -> int:
    each, rest = divmod(count, workers)
    return each + (number <= rest)


def _chosen_among(settings: Settings) -> set[str]:
    """Deployments for which it matters how busy they are."""
    return {
        name
        for route in settings.routes.values()
        if route.affinity or route.balance != "order"
        for listed in (route.small, route.large, route.embeddings, route.moderations)
        if len(listed) > 1
        for name in listed
    }


def _tells_load(deployment: Deployment) -> bool:
    """Who is away is asked only where the configuration says what it is."""
    if deployment.engine != "openai" or deployment.load == "none":
        return False
    return deployment.load != "auto" or deployment.zone == LOCAL_ZONE
