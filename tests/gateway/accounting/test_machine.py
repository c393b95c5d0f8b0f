"""A machine costs by the time that it is busy, and electricity by what is drawn where somebody measures it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest

from gateway.accounting.machine import MachineRate
from gateway.config.price import MachinePrice

RATE: Final = MachineRate(Decimal(450), Decimal("0.28"), Decimal("0.21"))


def test_an_hour_is_its_electricity_and_its_hardware() -> None:
    assert RATE.cost(Decimal(3600)) == Decimal("0.336")  # 0.45 kWh × 0.28 + 0.21


def test_what_was_measured_stands_in_for_what_is_stated() -> None:
    # 90 kJ are 0.025 kWh: 0.025 × 0.28 + 0.21 ÷ 4
    assert RATE.cost(Decimal(900), Decimal(90_000)) == Decimal("0.0595")


@pytest.mark.parametrize("seconds", [Decimal(0), Decimal(-5)])
def test_time_that_runs_backwards_costs_nothing(seconds: Decimal) -> None:
    assert RATE.cost(seconds) == 0


def test_it_is_read_from_its_settings() -> None:
    price = MachinePrice(watts=Decimal(450), per_kwh=Decimal("0.28"), per_hour=Decimal("0.21"))
    assert MachineRate.of(price) == RATE
