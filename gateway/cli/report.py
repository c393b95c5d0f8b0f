"""`tidegate report`: spend, savings, and the projection to a million requests a month.

What the journals still hold is moved into the ledger first, so a report right after traffic is complete.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.accounting.against import Named, UnknownPrice, account_against
from gateway.accounting.dimensions import DIMENSIONS
from gateway.accounting.focus import as_focus, charges
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.parquet import NoParquet, as_parquet
from gateway.accounting.period import Period
from gateway.accounting.prices import ASSUMED_MACHINE, PriceBook
from gateway.accounting.report import as_csv, as_json, as_table
from gateway.accounting.savings import Account, account
from gateway.cli.drained import drain_first
from gateway.cli.refusal import refuse
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
    parser.add_argument(
        "--against",
        metavar="MODEL",
        help="a deployment, or a model of the price list, to count savings against; default: the reference of the time",
    )
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json", "focus", "parquet"),
        default="table",
        help="focus: CSV in the columns of FOCUS 1.2, by day, whatever --by says",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there instead of on standard output")


def run(args: argparse.Namespace) -> int:
    """Prints the report and returns 0; 1 with the reason on stderr if the ledger or the configuration is unusable."""
    if args.format == "focus" and args.against:
        return refuse("report", "--format focus has what was spent, and nothing to compare it --against")
    try:
        loaded = load(args.config) if args.config or not args.ledger else None
        ledger = Ledger.open(args.ledger or (loaded.ledger_url if loaded else ""))
    except (ConfigurationError, LedgerUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    try:
        if loaded and args.ledger in (None, loaded.ledger_url):
            drain_first(loaded, ledger, "report")
        _put(args.out, _written(args, ledger, loaded))
    except (ConfigurationError, LedgerUnavailable, UnknownPrice, NoParquet) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{args.out}: {error.strerror}", file=sys.stderr)
        return 1
    finally:
        ledger.close()
    return 0


def _written(args: argparse.Namespace, ledger: Ledger, loaded: Loaded | None) -> str | bytes:
    if args.format == "focus":
        return _focus(args, ledger, loaded)
    book = PriceBook(loaded.settings.deployments, None, loaded.prices) if loaded else PriceBook({}, None)
    found = _account(args, ledger, loaded, book)
    if args.format == "parquet":
        return as_parquet(found)
    if args.format == "csv":
        return as_csv(found)
    assumed = _assumed(book, found.deployments)
    return as_json(found, assumed) if args.format == "json" else as_table(found, assumed)


def _put(file: Path | None, text: str | bytes) -> None:
    """Raises `OSError` where the file cannot be written."""
    if file is None:
        sys.stdout.write(text) if isinstance(text, str) else sys.stdout.buffer.write(text)
    elif isinstance(text, str):
        file.write_text(text, encoding="utf-8")
    else:
        file.write_bytes(text)


def _focus(args: argparse.Namespace, ledger: Ledger, loaded: Loaded | None) -> str:
    with ledger.reading() as connection:
        deployments = loaded.settings.deployments if loaded else {}
        found = charges(connection, Period(args.start, args.end), deployments)
    if found.left_out:
        print(f"left out, as their cost is unknown: {found.left_out:,} attempts", file=sys.stderr)
    return as_focus(found.rows)


def _account(args: argparse.Namespace, ledger: Ledger, loaded: Loaded | None, book: PriceBook) -> Account:
    period = Period(args.start, args.end)
    if args.against is None:
        return account(ledger, args.by, period, book.by_time)
    deployments, lists = (loaded.settings.deployments, loaded.prices) if loaded else ({}, ())
    reference = Named.of(args.against, deployments, lists)
    return account_against(ledger, args.by, period, args.against, reference, book.by_time)


def _assumed(book: PriceBook, seen: frozenset[str]) -> Mapping[str, MachinePrice]:
    """The assumption behind each deployment that took part and was given no price."""
    return dict.fromkeys(sorted(book.assumed & seen), ASSUMED_MACHINE)


def _dimensions(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    for word in words:
        if word not in DIMENSIONS:
            raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(DIMENSIONS)}")
    return tuple(dict.fromkeys(words))
