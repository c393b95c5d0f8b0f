"""Calibration tables of routes, as `tidegate calibrate` leaves them in the state directory.

A dial of quality or cost says nothing without one that was made on the route's own traffic, with the difficulty model
that serves it: such a configuration is refused. A share is kept all the same, by its controller.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from gateway.config.checks.report import Report
from gateway.config.settings import Route, Settings
from router.calibration.conformal import rows_for
from router.calibration.table import Table, TableError
from router.dial import COST, QUALITY, Dial


def table_file(state: Path, route: str) -> Path:
    """Where the table of a route is. Names may hold slashes."""
    return state / "calibration" / f"{quote(route, safe='')}.json"


def head_of(route: Route) -> str:
    """The checksum of the difficulty model that serves a route."""
    from router.difficulty.model import SHIPPED

    del route  # one model serves all
    return str(json.loads((SHIPPED / "card.json").read_bytes())["sha256"])


def tables_of(settings: Settings, state: Path, report: Report) -> dict[str, Table]:
    """The tables that there are and fit. What is wrong with one, or missing, is reported."""
    tables: dict[str, Table] = {}
    for name, route in settings.routes.items():
        if not (route.small and route.large and route.prefer == "auto"):
            continue
        dial = route.dial.dial if route.dial is not None else None
        table, why = _read(table_file(state, name), route)
        if table is not None:
            tables[name] = table
        if dial is not None and dial.kind in (COST, QUALITY):
            why = why or (_lacking(dial, table) if table is not None else "the route is not calibrated")
            if why:
                remedy = f"run `tidegate calibrate --route {name} --data ROWS`"
                report.error(("routes", name, "dial", dial.kind), f"means nothing yet: {why}", remedy)
        elif why:
            remedy = f"run `tidegate calibrate --route {name} --data ROWS`, or remove the file"
            report.warn(("routes", name), f"the shipped calibration is used: {why}", remedy)
    return tables


def _read(file: Path, route: Route) -> tuple[Table | None, str]:
    """The table, or what is wrong with it; neither where there is none."""
    if not file.exists():
        return None, ""
    try:
        table = Table.load(file)
    except TableError as error:
        return None, str(error)
    if table.head != head_of(route):
        return None, f"{file} was made with another difficulty model"
    return table, ""


def _lacking(dial: Dial, table: Table) -> str:
    """What the table does not say that the dial needs."""
    if dial.kind == COST:
        return "" if table.has_costs else "its calibration does not say what an answer costs"
    if table.threshold_for(dial.value) is not None:
        return ""
    needed = rows_for(1 - dial.value)
    return f"its calibration has {table.hard} hard rows, and {dial} takes {needed} at least"
