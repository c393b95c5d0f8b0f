"""`tidegate prices`: what each deployment costs, since when, and where that is from; and what has no price.

Amounts are dollars per million tokens, or per hour that a machine is busy.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.accounting.catalogue import Catalogue
from gateway.accounting.machine import MachineRate
from gateway.accounting.money import dollars
from gateway.accounting.prices import PriceBook, Version
from gateway.accounting.pricewords import in_full, in_short, since_words, source_words
from gateway.accounting.providers import model_names, wanted_of
from gateway.cli.columns import in_columns
from gateway.cli.refusal import refuse
from gateway.cli.times import start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError

_HEADINGS = ("DEPLOYMENT", "INPUT", "OUTPUT", "MORE", "SINCE", "FROM")


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="a line for each deployment, as its price is in force")
    showing = actions.add_parser("show", help="every rate of a deployment, and all its prices from date to date")
    showing.add_argument("deployment", help="its name in the configuration")
    checking = actions.add_parser("check", help="what has no price, or is in a price file for nobody: status 1")
    for action in (listing, showing, checking):
        action.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else as shipped")
        action.add_argument("--at", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time; default: now")
    listing.add_argument("--format", choices=("table", "json"), default="table")


def run(args: argparse.Namespace) -> int:
    """0; 1 if `check` finds something, or the configuration cannot be used; 2 if there is no such deployment."""
    try:
        loaded = load(args.config, calibrated=False)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    at = time.time() if args.at is None else args.at
    deployments = loaded.settings.deployments
    book = PriceBook(deployments, Catalogue(), loaded.prices)
    if args.action == "list":
        print(_as_json(loaded, book, at) if args.format == "json" else "\n".join(_table(loaded, book, at)))
        return 0
    if args.action == "show":
        if args.deployment not in deployments:
            return refuse("prices", f"there is no deployment '{args.deployment}'; there are {', '.join(deployments)}")
        print("\n".join(_all_of(book, args.deployment, at)))
        return 0
    wrong, assumed = list(_wrong(loaded, book, at)), list(_assumed(book, at))
    print("\n".join([*wrong, *assumed]) or "Everything has a price.")
    return 1 if wrong else 0


def _table(loaded: Loaded, book: PriceBook, at: float) -> Iterator[str]:
    rows = [_HEADINGS]
    for name in loaded.settings.deployments:
        version = book.version(name, at)
        rows.append((name, *in_short(version), since_words(version), source_words(version)))
    yield from in_columns(rows)
    yield ""
    yield "Dollars per million tokens, or per hour that a machine is busy."


def _as_json(loaded: Loaded, book: PriceBook, at: float) -> str:
    """Amounts are texts, so that no reader makes floats of them."""
    listed = {
        name: {
            "model": deployment.model,
            "zone": deployment.zone,
            "versions": [_version(version) for version in book.versions(name)],
            "in_force": None if (now := book.version(name, at)) is None else book.versions(name).index(now),
        }
        for name, deployment in loaded.settings.deployments.items()
    }
    return json.dumps(listed, indent=2, ensure_ascii=False)


def _version(version: Version) -> dict[str, object]:
    since = since_words(version)
    return {
        "since": None if since == "-" else since,
        "source": version.source,
        "named": version.named,
        "rates": _machine(version.rate) if isinstance(version.rate, MachineRate) else dict(in_full(version)),
    }


def _machine(rate: MachineRate) -> dict[str, str | None]:
    return {
        "watts": dollars(rate.watts),
        "per_kwh": dollars(rate.per_kwh),
        "per_hour": dollars(rate.per_hour),
        "measured": rate.measured,
    }


def _all_of(book: PriceBook, name: str, at: float) -> Iterator[str]:
    versions, now = book.versions(name), book.version(name, at)
    if not versions:
        yield f"{name} has no price: what it costs is unknown."
        return
    for version in versions:
        is_now = "  (in force)" if version is now else ""
        since = since_words(version)
        yield f"{'always' if since == '-' else f'since {since}'}, from {source_words(version)}{is_now}"
        yield from (f"  {line}" for line in in_columns(list(in_full(version))))
    window = book.window(name)
    if window.prompt or window.completion:
        limits = (f"{limit:,}" if limit else "?" for limit in (window.prompt, window.completion))
        yield "tokens at most: {} in, {} out".format(*limits)


def _wrong(loaded: Loaded, book: PriceBook, at: float) -> Iterator[str]:
    deployments = loaded.settings.deployments
    for name in deployments:
        if book.version(name, at) is None:
            yield f"{name}: has no price, so what it costs is unknown; give it one, or name its model in a price file"
    names = {
        model
        for deployment in deployments.values()
        if deployment.price is None and (want := wanted_of(deployment))
        for model in model_names(want)
    }
    for dated in loaded.prices:
        for model in dated.models:
            if model not in names:
                yield f"{dated.file}: {model} is the model of no deployment without a price of its own"


def _assumed(book: PriceBook, at: float) -> Iterator[str]:
    for name in sorted(book.assumed):
        version = book.version(name, at)
        if version is not None and version.source == "assumed":
            yield f"{name}: its price is an assumption; give it its own"
