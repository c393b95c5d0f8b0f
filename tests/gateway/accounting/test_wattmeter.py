"""What a machine draws is read in the background; a gauge that fails or exaggerates makes no bill worse."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from gateway.accounting.sharing import Machine
from gateway.accounting.wattmeter import Gauge, Wattmeter
from tests.gateway.accounting.test_sharing import Clock


def gauge(file: Path, clock: Clock, most: float = 500.0) -> Gauge:
    return Gauge(file, most, clock)


def test_a_power_file_is_read_as_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "power1_input"
    file.write_text("123000000\n")
    assert gauge(file, Clock()).read() == pytest.approx(123.0)


def test_of_a_counter_two_readings_make_an_average(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "energy_uj"
    meter = gauge(file, clock)
    file.write_text("1000000")
    assert meter.read() == 500.0  # nothing is known yet, so the most that it can be
    clock.now += 2
    file.write_text("81000000")
    assert meter.read() == pytest.approx(40.0)


def test_a_counter_begins_anew_at_its_range(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "energy_uj"
    (tmp_path / "max_energy_range_uj").write_text("262143328850")
    meter = gauge(file, clock)
    file.write_text("262142328850")
    meter.read()
    clock.now += 1
    file.write_text("49000000")
    assert meter.read() == pytest.approx(50.0)


def test_what_was_counted_while_idle_is_not_of_interest(tmp_path: Path) -> None:
    clock, file = Clock(), tmp_path / "energy_uj"
    meter = gauge(file, clock)
    file.write_text("0")
    meter.read()
    clock.now += 1
    file.write_text("100000000")
    assert meter.read() == pytest.approx(100.0)
    clock.now += 3600  # at 1 W
    file.write_text("3700000000")
    meter.forget()
    assert meter.read() == pytest.approx(100.0)


@pytest.mark.parametrize(("text", "watts"), [("900000000", 500.0), ("-5", 0.0)])
def test_more_than_the_machine_can_draw_is_not_believed(tmp_path: Path, text: str, watts: float) -> None:
    file = tmp_path / "power1_input"
    file.write_text(text)
    assert gauge(file, Clock()).read() == watts


class Turns:
    """Waits that a test ends, one after the other."""

    def __init__(self) -> None:
        self.waiting: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def __call__(self, seconds: float) -> None:
        event = asyncio.Event()
        self.waiting.put_nowait(event)
        await event.wait()


async def test_it_is_read_while_the_machine_is_busy(tmp_path: Path) -> None:
    clock, turns, file = Clock(), Turns(), tmp_path / "power1_input"
    file.write_text("100000000")
    machine = Machine(clock)
    meter = Wattmeter(machine, gauge(file, clock), 500.0, turns)
    stay = machine.begin()
    first = await turns.waiting.get()  # it has been read once
    clock.now += 1
    file.write_text("300000000")
    first.set()
    second = await turns.waiting.get()
    clock.now += 1
    share = machine.end(stay)
    assert share.joules == 100 + 300
    second.set()
    meter.close()


async def test_a_gauge_that_cannot_be_read_leaves_what_is_stated_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock, turns = Clock(), Turns()
    machine = Machine(clock)
    meter = Wattmeter(machine, gauge(tmp_path / "power1_input", clock), 500.0, turns)
    stay = machine.begin()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            waiting = await turns.waiting.get()
            clock.now += 1
            waiting.set()
        await turns.waiting.get()
    assert machine.end(stay).joules == 3 * 500
    assert len(caplog.records) == 1
    meter.close()
