"""`tidegate report`: spend, savings, and the projection to a million requests a month.

What the journals still hold is moved into the ledger first, so a report right after traffic is complete.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.prices import ASSUMED_MACHINE, PriceBook
from gateway.accounting.report import as_csv, as_json, as_table
from gateway.accounting.savings import DIMENSIONS, Period, account
from gateway.cli.drained import drain_first
from gateway.cli.times import end_of, start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.price import MachinePrice
from gateway.config.problems import ConfigurationError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument(
        "--ledger", metavar="URL", help="read this ledger instead of the configured one; its journals are left alone"
    )
    parser.add_argument(
        "--by", type=_dimensions, default=("route",), metavar="WORDS", help=f"any of {','.join(DIMENSIONS)}"
    )
    parser.add_argument(
        "--from", dest="start", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time; from then on"
    )
    parser.add_argument(
        "--to", dest="end", type=end_of, metavar="TIME", help="a date, which is included, or an ISO time, which is not"
    )
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table")


def run(args: argparse.Namespace) -> int:
    """Prints the report and returns 0; 1 with the reason on stderr if the ledger or the configuration is unusable."""
    try:
        loaded = load(args.config) if args.config or not args.ledger else None
        ledger = Ledger.open(args.ledger or (loaded.ledger_url if loaded else ""))
    except (ConfigurationError, LedgerUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if loaded and args.ledger in (None, loaded.ledger_url):
            drain_first(loaded, ledger, "report")
        found = account(ledger, args.by, Period(args.start, args.end))
    except (ConfigurationError, LedgerUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        ledger.close()
    assumed = _assumed(loaded, found.deployments)
    if args.format == "csv":
        sys.stdout.write(as_csv(found))
    elif args.format == "json":
        sys.stdout.write(as_json(found, assumed))
    else:
        sys.stdout.write(as_table(found, assumed))
    return 0


def _assumed(loaded: Loaded | None, seen: frozenset[str]) -> Mapping[str, MachinePrice]:
    """The assumption behind each deployment that took part and was given no price."""
    if loaded is None:
        return {}
    book = PriceBook(loaded.settings.deployments, None)
    return dict.fromkeys(sorted(book.assumed & seen), ASSUMED_MACHINE)


def _dimensions(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        if word not in DIMENSIONS:
            raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(DIMENSIONS)}")
    return tuple(dict.fromkeys(words))
