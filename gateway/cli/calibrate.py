"""`tidegate calibrate`: the table that gives a route's dial its meaning, from rows of the route's own traffic."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gateway.accounting.money import dollars, exact
from gateway.cli.numbers import dollars_given, share_given
from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError
from gateway.cli.traffic import Prices, Side, Traffic, gathered
from gateway.config.dialtables import model_of, table_file
from gateway.config.heads import head_of, heads_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from router.artifact import ArtifactError, read_card
from router.calibration.conformal import rows_for
from router.calibration.crossfit import Rows, coverage, shares
from router.calibration.table import Table
from router.difficulty import model
from router.difficulty.estimator import Estimator

SHARES = (0.1, 0.2, 0.3, 0.5, 0.7)
QUALITIES = (Decimal("0.8"), Decimal("0.9"), Decimal("0.95"), Decimal("0.98"))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", nargs="+", required=True, metavar="FILE", help="rows of the route's traffic; .jsonl or .jsonl.gz"
    )
    parser.add_argument("--route", default="auto", help="default: auto")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: calibration/ in the state directory")
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="difficulty model; default: the route's")
    parser.add_argument(
        "--gap",
        type=share_given,
        default=0.0,
        help="a row is hard where the large model scores better by more than this",
    )
    for side, size in (("weak", "small"), ("strong", "large")):
        parser.add_argument(
            f"--{side}-cost",
            type=dollars_given,
            metavar="DOLLARS",
            help=f"mean cost of one request to the {size} model",
        )


def run(args: argparse.Namespace) -> int:
    try:
        loaded = load(args.config, calibrated=False)
        file = _file(args, loaded)
        head, estimator = _model(args, loaded)
        traffic = gathered(args.data, estimator, Prices.of(loaded, args.route))
        rows = traffic.rows(args.gap)
        costs = _cost(args.weak_cost, traffic, "weak"), _cost(args.strong_cost, traffic, "strong")
        table = rows.table(head, costs)
        dial = loaded.settings.routes[args.route].dial
        lines = list(report(traffic, rows, table, dial.quality if dial is not None else None))
        table.save(file)
    except (ConfigurationError, RowError, ArtifactError, ValueError, OSError) as error:
        return refuse("calibrate", error)
    print("\n".join(lines))
    print(f"written to {file}: in force with the next start or reload (SIGHUP)")
    return 0


def report(traffic: Traffic, rows: Rows, table: Table, wanted: Decimal | None) -> Iterator[str]:
    """What the table can promise, measured on rows that it was not made of. `wanted`: the quality of the route."""
    yield f"{len(rows)} rows, of which the difficulty model cannot tell {traffic.abstained}"
    yield "share   achieved on rows held out with 95 % intervals, before the controller sees to the rest"
    for share, found in zip(SHARES, shares(rows, SHARES), strict=True):
        yield f"  {share:.2f}  {found}"
    yield from _qualities(traffic, rows, table, wanted)
    if table.has_costs:
        small, large = (dollars(cost) for cost in (table.small_cost, table.large_cost) if cost is not None)
        yield f"cost    of one request in dollars: small {small}, large {large}"
    else:
        yield "cost    unknown: rows say neither what answers cost nor how many tokens they had; no dial of cost"


def _qualities(traffic: Traffic, rows: Rows, table: Table, wanted: Decimal | None) -> Iterator[str]:
    if not traffic.labelled:
        yield "quality unknown: no row has both scores; no dial of quality"
        return
    yield f"quality kept on rows held out: of {table.hard} hard ones among {traffic.labelled} with scores"
    for quality in sorted({*QUALITIES, *(() if wanted is None else (wanted,))}):
        found = coverage(rows, quality)
        if found is None or table.threshold_for(quality) is None:
            needed = rows_for(1 - quality)
            text = "none but the large model keeps all" if needed is None else f"too few hard rows: it takes {needed}"
            yield f"  {quality:f}  {text}{', and some to measure it' if needed else ''}"
            continue
        kept, share = found
        yield f"  {quality:f}  {kept}   sends {share} of all to the large model{_warning(quality, share.value)}"


def _warning(quality: Decimal, share: float) -> str:
    """A threshold that holds for any model holds for one that knows nothing: then it buys quality with share alone."""
    return "   (little better than by lot)" if share > 0.95 * float(quality) and quality < 1 else ""


def _file(args: argparse.Namespace, loaded: Loaded) -> Path:
    """Raises `ValueError` where there is no such route, or nothing to turn on it."""
    routes = loaded.settings.routes
    if args.route not in routes:
        raise ValueError(f"no route '{args.route}'; there are: {', '.join(routes)}")
    route = routes[args.route]
    if not (route.small and route.large):
        raise ValueError(f"route '{args.route}' has no choice between small and large deployments")
    name = table_file(loaded.state_directory, args.route)
    return args.out / name.name if args.out else name


def _model(args: argparse.Namespace, loaded: Loaded) -> tuple[str, Estimator]:
    if args.artifact is None:
        head = head_of(loaded.settings.routes[args.route], heads_of(loaded))
        return model_of(head), Estimator.shipped() if head is None else Estimator.load(head)
    return str(read_card(args.artifact, model.FORMAT)["sha256"]), Estimator.load(args.artifact)


def _cost(given: Decimal | None, traffic: Traffic, side: Side) -> Decimal | None:
    found = traffic.mean_cost(side) if given is None else given
    return None if found is None else exact(found)
