"""The machine room: the machines that deployments run on which cost by the time, watched where that is asked for.

A worker has one as long as it lives, so a new configuration finds the same machines, with what they are working on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gateway.accounting.prices import PriceBook
from gateway.accounting.sharing import Machine
from gateway.accounting.wattmeter import Gauge, Wattmeter
from gateway.config.home import machine_of
from gateway.config.loaded import Loaded


class MachineRoom:
    """`steady` is in seconds. Belongs to one event loop."""

    def __init__(self, steady: Callable[[], float]) -> None:
        self._steady = steady
        self._by_host: dict[str, Machine] = {}
        self._meters: dict[tuple[Path, float], tuple[Machine, Wattmeter]] = {}

    def of(self, loaded: Loaded, prices: PriceBook) -> dict[str, Machine]:
        """By deployment, of those that cost by the time. What the last configuration had watched, and this one has
        not, is watched no more."""
        deployments, rates = loaded.settings.deployments, prices.by_time
        machines = {name: self.at(deployments[name].base_url) for name in rates}
        self._watch(
            {
                (loaded.resolve(rate.measured), float(rate.watts)): machines[name]
                for name, rate in rates.items()
                if rate.measured is not None
            }
        )
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

    def _watch(self, machines: dict[tuple[Path, float], Machine]) -> None:
        """By the file and the most that can be drawn."""
        for key, (machine, meter) in tuple(self._meters.items()):
            if machines.get(key) is not machine:
                meter.close()
                del self._meters[key]
        for key, machine in machines.items():
            if key not in self._meters:
                file, most = key
                self._meters[key] = machine, Wattmeter(machine, Gauge(file, most, self._steady), most)
