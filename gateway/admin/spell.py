"""Spell: a stretch of time as requests for reports and lists name it, `from` and `to`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from gateway.accounting.period import Period
from gateway.admin.moment import Moment, seconds

_FROM = "Settled from then on: seconds since the epoch, or a time such as 2026-11-23T00:00:00Z."
_TO = "Settled before that."


def _period(
    start: Annotated[Moment | None, Query(alias="from", description=_FROM)] = None,
    end: Annotated[Moment | None, Query(alias="to", description=_TO)] = None,
) -> Period:
    return Period(seconds(start), seconds(end))


Spell = Annotated[Period, Depends(_period)]
