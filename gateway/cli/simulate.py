"""`tidegate simulate`: rows of traffic replayed for several dials: share, cost and quality, as a table and a plot."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.accounting.money import dollars, exact
from gateway.cli import traffic as rows_of_traffic
from gateway.cli.columns import in_columns
from gateway.cli.plot import CannotPlot, plot
from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError
from gateway.cli.traffic import Prices, gathered
from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from router.artifact import ArtifactError
from router.calibration.replay import CannotReplay, Outcome, Traffic, ends, replayed
from router.calibration.table import Table, TableError
from router.dial import SHARE, Dial, dial_of
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import Interval

_DEFAULT = "share=0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="source", nargs="+", required=True, metavar="FILE", help="rows, in their order")
    parser.add_argument(
        "--dial",
        action="append",
        metavar="DIALS",
        help=f"such as share=0.1,0.2 or quality=0.9,0.95; may be given again; default: {_DEFAULT}",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="whose prices count, where rows have tokens")
    parser.add_argument("--route", default="auto", help="the route of --config; default: auto")
    parser.add_argument("--table", type=Path, metavar="FILE", help="a calibration table; default: one of the rows' own")
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="difficulty model; default: the one shipped")
    parser.add_argument("--out", type=Path, metavar="PNG", help="a plot of cost against quality")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")


def run(args: argparse.Namespace) -> int:
    try:
        dials = [dial for text in args.dial or [_DEFAULT] for dial in dials_of(text)]
        estimator = Estimator.load(args.artifact) if args.artifact else Estimator.shipped()
        table = Table.load(args.table) if args.table else None
        traffic = _traffic(gathered(args.source, estimator, _prices(args)))
        small, large = ends(traffic)
        run_ = Simulated(small, large, tuple(replayed(traffic, dial, table) for dial in dials))
        print(json.dumps(run_.plain(), indent=2) if args.json else "\n".join(run_.lines()))
        if args.out:
            args.out.write_bytes(plot(small, large, run_.dials))
    except (
        ConfigurationError,
        RowError,
        ArtifactError,
        TableError,
        CannotReplay,
        CannotPlot,
        ValueError,
        OSError,
    ) as error:
        return refuse("simulate", error)
    return 0


def dials_of(text: str) -> Iterator[Dial]:
    """`share=0.1,0.2,quality=0.9`: a number alone is of the kind before it. Raises `ValueError`."""
    kind = SHARE
    for part in text.split(","):
        dial = dial_of(part, kind)
        kind = dial.kind
        yield dial


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a replay comes to: all with the small model, all with the large one, and the dials between."""

    small: Outcome
    large: Outcome
    dials: tuple[Outcome, ...]

    def lines(self) -> Iterator[str]:
        """For people, with 95 % intervals."""
        yield f"{self.small.share.count} rows; with 95 % intervals"
        heads = ("dial", "share of the large model", "dollars per 1,000", "quality kept", "hard ones that went large")
        table = [heads, *(_cells(each) for each in (self.small, *self.dials, self.large))]
        yield from in_columns(table)
        yield "quality kept: the mean score of the answers, as a part of what the large model alone reaches"

    def plain(self) -> dict[str, Any]:
        """For machines. Money is text, so that no digit is lost."""
        each = [_plain(outcome) for outcome in (self.small, *self.dials, self.large)]
        return {"rows": self.small.share.count, "outcomes": each}


def _traffic(found: rows_of_traffic.Traffic) -> Traffic:
    """Where there are scores at all, the rows that have some; what answers cost, where every one of those says so."""
    if not found.difficulties:
        raise ValueError("no rows")
    if found.labelled:
        found = found.only_labelled()
    weak, strong = (found.weak(), found.strong()) if found.labelled else (None, None)
    return Traffic(found.rows(), weak, strong, _all_known(found.weak_costs), _all_known(found.strong_costs))


def _all_known(costs: Sequence[Decimal | None]) -> tuple[Decimal, ...] | None:
    known = tuple(cost for cost in costs if cost is not None)
    return known if len(known) == len(costs) else None


def _prices(args: argparse.Namespace) -> Prices | None:
    if args.config is None:
        return None
    loaded = load(args.config, calibrated=False)
    route = loaded.settings.routes.get(args.route)
    if route is None or not (route.small and route.large):
        raise ValueError(f"no route '{args.route}' with small and large deployments in {args.config}")
    return Prices.of(loaded, args.route)


def _cells(outcome: Outcome) -> tuple[str, ...]:
    if outcome.cost is None or outcome.cost_between is None:
        cost = "unknown"
    else:
        low, high = outcome.cost_between
        cost = f"{outcome.cost:.4f} [{low:.4f}, {high:.4f}]"
    kept = "unknown" if outcome.kept is None else str(outcome.kept)
    hard = "unknown" if outcome.hard_kept is None else str(outcome.hard_kept)
    return outcome.name, str(outcome.share), cost, kept, hard


def _plain(outcome: Outcome) -> dict[str, Any]:
    cost, hard = outcome.cost, outcome.hard_kept
    return {
        "dial": outcome.name,
        "share": [outcome.share.value, *outcome.share.interval],
        "dollars_per_1000": None if cost is None else dollars(exact(cost)),
        "dollars_per_1000_between": outcome.cost_between,
        "score": _triple(outcome.score),
        "quality_kept": _triple(outcome.kept),
        "hard_kept": None if hard is None else [hard.value, *hard.interval],
    }


def _triple(found: Interval | None) -> list[float | None] | None:
    return None if found is None else [found.value, found.low, found.high]
