"""Machine: what an hour of a machine costs while it is busy, whatever it says meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Self

from gateway.accounting.money import EXACT, exact
from gateway.config.price import MachinePrice

_NO_TIME: Final = Decimal(0)
_SECONDS: Final = Decimal(3600)  # in an hour
_WATTS: Final = Decimal(1000)  # in a kilowatt
_JOULES: Final = Decimal(3_600_000)  # in a kilowatt hour


@dataclass(frozen=True, slots=True)
class MachineRate:
    """Watts while busy, dollars per kilowatt hour and, for the hardware, per hour. `measured`: where watts are read."""

    watts: Decimal
    per_kwh: Decimal
    per_hour: Decimal
    measured: str | None = None
    _together: Decimal = field(init=False, repr=False)  # dollars per hour, as stated

    def __post_init__(self) -> None:
        electricity = EXACT.divide(EXACT.multiply(self.watts, self.per_kwh), _WATTS)
        object.__setattr__(self, "_together", EXACT.add(electricity, self.per_hour))

    @classmethod
    def of(cls, price: MachinePrice) -> Self:
        return cls(price.watts, price.per_kwh, price.per_hour, price.measured)

    def cost(self, seconds: Decimal, joules: Decimal | None = None) -> Decimal:
        """Dollars. `joules` is what was drawn meanwhile; None: nobody measured it, so what is stated."""
        if seconds < 0:  # no clock that goes back may earn money
            seconds = _NO_TIME
        if joules is None:
            return exact(EXACT.divide(EXACT.multiply(seconds, self._together), _SECONDS))
        electricity = EXACT.divide(EXACT.multiply(joules, self.per_kwh), _JOULES)
        hardware = EXACT.divide(EXACT.multiply(seconds, self.per_hour), _SECONDS)
        return exact(EXACT.add(electricity, hardware))
