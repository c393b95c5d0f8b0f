"""The machine room: the machines that deployments run on which cost by the time, watched where that is asked for.

A worker has one as long as it lives, so a new configuration finds the same machines, with what they are working on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gateway.accounting.prices import PriceBook
from gateway.accounting.sharing import Machine
from gateway.accounting.wattmeter import Gauge, Wattmeter
from gateway.config.home import machine_of
from gateway.config.loaded import Loaded


class _Watched(NamedTuple):
    """Where it stands what a machine draws, and the most that it can draw, in watts."""

    file: Path
    most: float


class MachineRoom:
    """`steady` is in seconds. Belongs to one event loop."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._by_host: dict[str, Machine] = {}
        self._meters: dict[Machine, tuple[_Watched, Wattmeter]] = {}

    def of(self, loaded: Loaded, prices: PriceBook) -> dict[str, Machine]:
        """By deployment, of those that cost by the time. What the last configuration had watched, and this one has
        not, is watched no more."""
        deployments, rates = loaded.settings.deployments, prices.by_time
        machines = {name: self.at(deployments[name].base_url) for name in rates}
        watched: dict[Machine, _Watched] = {}
        for name, rate in rates.items():
            if rate.measured is not None:  # models of one host name the same file
                before = watched.get(machines[name])
                most = max(float(rate.watts), before.most if before else 0.0)
                watched[machines[name]] = _Watched(loaded.resolve(rate.measured), most)
        self._watch(watched)
        return machines

    def at(self, base_url: str | None) -> Machine:
        """The one that serves there. Models at one host share it, whatever their ports."""
        host = machine_of(base_url)
        machine = self._by_host.get(host)
        if machine is None:
            machine = self._by_host[host] = Machine(self._steady)
        return machine

    def close(self) -> None:
        self._watch({})

    def _watch(self, watched: Mapping[Machine, _Watched]) -> None:
        for machine, (what, meter) in tuple(self._meters.items()):
            if watched.get(machine) != what:
                meter.close()
                del self._meters[machine]
        for machine, what in watched.items():
            if machine not in self._meters:
                gauge = Gauge(what.file, what.most, self._steady)
                self._meters[machine] = what, Wattmeter(machine, gauge, what.most)
