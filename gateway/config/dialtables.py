"""Calibration tables of routes, as `tidegate calibrate` leaves them in the state directory.

A dial of quality or cost says nothing without one that was made on the route's own traffic, with the difficulty model
that serves it: such a configuration is refused. A share is kept all the same, by its controller.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from urllib.parse import quote

from gateway.config.checks.report import Report
from gateway.config.heads import head_of, heads_in
from gateway.config.settings import Settings
from router.calibration.conformal import rows_for
from router.calibration.table import Table, TableError
from router.dial import COST, QUALITY, Dial


def table_file(state: Path, route: str) -> Path:
    """Where the table of a route is. Names may hold slashes."""
    return state / "calibration" / f"{quote(route, safe='')}.json"


def model_of(head: Path | None) -> str:
    """The checksum of a difficulty model: of the shipped one, where there is no other that can be read."""
    from router.artifact import ArtifactError, read_card  # NumPy, which only routes with tables need
    from router.difficulty.model import FORMAT, SHIPPED

    if head is not None:
        with contextlib.suppress(ArtifactError):
            return str(read_card(head, FORMAT)["sha256"])
    return str(read_card(SHIPPED, FORMAT)["sha256"])


def tables_of(settings: Settings, directory: Path, state: Path, report: Report) -> dict[str, Table]:
    """The tables that there are and fit. What is wrong with one, or missing, is reported."""
    tables: dict[str, Table] = {}
    heads = heads_in(settings, directory, state)
    for name, route in settings.routes.items():
        if not (route.small and route.large and route.prefer == "auto"):
            continue
        dial = route.dial.dial if route.dial is not None else None
        table, why = _read(table_file(state, name), head_of(route, heads))
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


def _read(file: Path, head: Path | None) -> tuple[Table | None, str]:
    """The table, or what is wrong with it; neither where there is none."""
    if not file.exists():
        return None, ""
    try:
        table = Table.load(file)
    except TableError as error:
        return None, str(error)
    if table.head != model_of(head):
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
