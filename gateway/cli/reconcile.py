"""`tidegate reconcile`: a provider's export of usage or cost beside the ledger, with differences by day and model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.period import Period
from gateway.accounting.providers import provider_of
from gateway.accounting.reconcile import Reconciled, reconciled
from gateway.accounting.reconcile_report import as_csv, as_json, as_table
from gateway.accounting.statement import COLUMNS, Statement, UnreadableStatement, read_statement
from gateway.cli.drained import drain_first
from gateway.cli.numbers import share_given
from gateway.cli.refusal import refuse
from gateway.cli.times import end_of, start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError

AGREES, DIFFERS = 0, 1  # exit statuses; 2: it could not be looked at


class _NothingToCompare(Exception):
    """The message says what to give."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="an export of OpenAI's or Anthropic's, or any CSV")
    parser.add_argument(
        "--columns",
        type=_columns,
        metavar="NAMES",
        help=f"of a CSV of somebody else's: day=Date,model=Model,cost=Amount, of {','.join(COLUMNS)}",
    )
    parser.add_argument(
        "--deployment",
        action="append",
        metavar="NAME",
        help="whose calls are on the statement; may be given again; default: those that its provider serves",
    )
    parser.add_argument(
        "--model", action="append", type=_pair, default=[], metavar="THEIRS=OURS", help="the same model by another name"
    )
    parser.add_argument(
        "--tolerance", type=share_given, default=0.0, metavar="SHARE", help="may differ by so much, 0 to 1; default: 0"
    )
    parser.add_argument("--from", dest="start", type=start_of, metavar="DATE", help="default: its first day")
    parser.add_argument("--to", dest="end", type=end_of, metavar="DATE", help="included; default: its last day")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--ledger", metavar="URL", help="read this ledger instead; its journals are left alone")


def run(args: argparse.Namespace) -> int:
    """0: both sides agree; 1: they do not; 2: it could not be looked at, with the reason on stderr."""
    try:
        statement = read_statement(args.file, args.columns)
        if not statement.entries:
            raise _NothingToCompare(f"{args.file}: nothing was used or paid on it")
        loaded = load(args.config) if args.config or not args.ledger else None
        found = _found(args, statement, loaded)
    except (UnreadableStatement, _NothingToCompare, ConfigurationError, LedgerUnavailable, OSError) as error:
        return refuse("reconcile", error)
    sys.stdout.write({"table": as_table, "csv": as_csv, "json": as_json}[args.format](found))
    return AGREES if found.agrees else DIFFERS


def _found(args: argparse.Namespace, statement: Statement, loaded: Loaded | None) -> Reconciled:
    whose = _whose(args.deployment, statement, loaded)
    period = None if args.start is None and args.end is None else Period(args.start, args.end)
    ledger = Ledger.open(args.ledger or (loaded.ledger_url if loaded else ""))
    try:
        if loaded and args.ledger in (None, loaded.ledger_url):
            drain_first(loaded, ledger, "comparison")
        with ledger.reading() as connection:
            return reconciled(
                connection,
                statement,
                whose,
                aliases=dict(args.model),
                period=period,
                tolerance=Decimal(str(args.tolerance)),
            )
    finally:
        ledger.close()


def _whose(given: list[str] | None, statement: Statement, loaded: Loaded | None) -> Collection[str] | None:
    """None: all that do not run at home."""
    if given or statement.provider is None or loaded is None:
        return given
    deployments = loaded.settings.deployments
    served = {name for name, one in deployments.items() if provider_of(one) == statement.provider}
    if not served:
        raise _NothingToCompare(
            f"no deployment is served by {statement.provider}, as far as addresses tell; say which with --deployment, "
            f"of {', '.join(deployments)}"
        )
    return served


def _columns(text: str) -> dict[str, str]:
    found = dict(_pair(part) for part in text.split(","))
    for name in found:
        if name not in COLUMNS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(COLUMNS)}")
    if "day" not in found or len(found.keys() - {"day", "model"}) == 0:
        raise argparse.ArgumentTypeError("needs a day and something to compare, such as day=Date,cost=Amount")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not (name and mark and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name.strip(), value.strip()
