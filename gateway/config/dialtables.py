"""Calibration tables of routes, as `tidegate calibrate` leaves them in the state directory.

A dial of quality or cost says nothing without one that was made on the route's own traffic, with the difficulty model
that serves it: such a configuration is refused. A share is kept all the same, by its controller. So is what a quality
came to, where `tidegate learn` has put another model in service since: that is no reason not to start again.
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
    """The tables that there are and can be used. What is wrong with one, or missing, is reported."""
    tables: dict[str, Table] = {}
    heads = heads_in(settings, directory, state)
    for name, route in settings.routes.items():
        if not (route.small and route.large and route.prefer == "auto"):
            continue
        table, fault = _read(table_file(state, name))
        learns = any((state / "heads" / deployment).is_dir() for deployment in route.small)
        foreign = table is not None and table.head != model_of(head_of(route, heads))
        if foreign:
            fault = f"{table_file(state, name)} was made with another difficulty model"
            table = table if learns else None
        if table is not None:
            tables[name] = table
        dial = route.dial.dial if route.dial is not None else None
        remedy = f"run `tidegate calibrate --route {name} --data ROWS`"
        if dial is not None and (lacking := _lacking(dial, table)):
            why = fault if table is None and fault else lacking
            report.error(("routes", name, "dial", dial.kind), f"means nothing yet: {why}", remedy)
        elif fault:
            used = "the shipped calibration is used" if table is None else "what it came to is kept as a share"
            report.warn(("routes", name), f"{used}: {fault}", f"{remedy}, or remove the file")
    return tables


def _read(file: Path) -> tuple[Table | None, str]:
    """The table, or what is wrong with it; neither where there is none."""
    if not file.exists():
        return None, ""
    try:
        return Table.load(file), ""
    except TableError as error:
        return None, str(error)


def _lacking(dial: Dial, table: Table | None) -> str:
    """What the dial needs and no table says."""
    if dial.kind not in (COST, QUALITY):
        return ""
    if table is None:
        return "the route is not calibrated"
    if dial.kind == COST:
        return "" if table.has_costs else "its calibration does not say what an answer costs"
    if table.threshold_for(dial.value) is not None:
        return ""
    needed = rows_for(1 - dial.value)
    return f"its calibration has {table.hard} hard rows, and {dial} takes {needed} at least"
