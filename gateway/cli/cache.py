"""`tidegate cache`: says which answers are not to be given again, how many were, and how alike questions have to be.

With Redis a purge is made there, whether a gateway runs or not; without, the one gateway that has the cache in its
memory is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from gateway.accounting.cached import Cached, cached_by_route
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.money import dollars
from gateway.accounting.period import Period
from gateway.cache.purges import longest_kept, name_of
from gateway.cli import cache_calibrate
from gateway.cli.columns import in_columns
from gateway.cli.drained import drain_first
from gateway.cli.refusal import refuse
from gateway.cli.registering import changing
from gateway.cli.times import end_of, start_of
from gateway.config.cacheplans import cache_plans_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.stores.eras import EVERYTHING, begin_in
from gateway.stores.link import StoreFault
from gateway.stores.sql import DatabaseUnavailable

KEY_VARIABLE: Final = "TIDEGATE_ADMIN_KEY"
_HEADINGS: Final = ("ROUTE", "REQUESTS", "HITS", "STALE", "BYPASSED", "SHARE", "SAVED", "UNPRICED")
_SECONDS: Final = 10.0
_KINDS: Final = ("route", "key", "team", "tag")


class CannotPurge(Exception):
    """Says why not."""


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    purge = actions.add_parser("purge", help="give no answer again that was asked for until now, of what is named")
    for kind in _KINDS:
        kept_as = str.lower if kind == "tag" else str
        purge.add_argument(
            f"--{kind}", action="append", default=[], type=kept_as, metavar="NAME", help="may be there several times"
        )
    purge.add_argument("--all", action="store_true", help="whatever it is of")
    purge.add_argument(
        "--url", help=f"without Redis: the gateway's address, which is asked with the key in {KEY_VARIABLE}"
    )
    stats = actions.add_parser("stats", help="how many requests were answered from the cache, by route")
    stats.add_argument("--from", dest="start", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time")
    stats.add_argument("--to", dest="end", type=end_of, metavar="TIME", help="a date, which is included, or a time")
    stats.add_argument("--format", choices=("table", "json"), default="table")
    cache_calibrate.arguments(actions)
    for action in (purge, stats):
        action.add_argument(
            "--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped"
        )


def run(args: argparse.Namespace) -> int:
    """Returns 0; 2 with the reason on stderr for what cannot be done."""
    work = {"purge": _purge, "stats": _stats, "calibrate": cache_calibrate.run}
    command = f"cache {args.action}"
    try:
        return work[args.action](load(args.config), args)
    except (ConfigurationError, LedgerUnavailable, DatabaseUnavailable, CannotPurge, OSError) as error:
        return refuse(command, error)


def _purge(loaded: Loaded, args: argparse.Namespace) -> int:
    names = [name_of(kind, name) for kind in _KINDS for name in getattr(args, kind)]
    if args.all:
        names.append(EVERYTHING)
    if not names:
        raise CannotPurge("name a --route, a --key, a --team or a --tag, or say --all")
    if not cache_plans_of(loaded.settings):
        raise CannotPurge("no route of this configuration has a cache")
    if loaded.settings.redis.is_there:
        _purge_in_redis(loaded, names)
    else:
        _ask_gateway(loaded, args)
    print(f"Not given again: {', '.join(names)}.")
    return 0


def _purge_in_redis(loaded: Loaded, names: Sequence[str]) -> None:
    settings = loaded.settings
    with changing(loaded) as (registry, hand):
        registry.record_purge(names, hand)
    patient = replace(settings.redis, timeout=_SECONDS)
    try:
        asyncio.run(begin_in(patient, names, longest_kept(cache_plans_of(settings).values()), time.monotonic))
    except StoreFault as fault:
        raise CannotPurge(f"Redis cannot be asked ({fault.kind}), so nothing is purged") from None


def _ask_gateway(loaded: Loaded, args: argparse.Namespace) -> None:
    server = loaded.settings.server
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise CannotPurge(
            f"without Redis the cache is in the memory of the gateway, which has to be asked: set {KEY_VARIABLE} to a "
            "key with the role admin"
        )
    host = "127.0.0.1" if server.host in ("0.0.0.0", "::") else server.host  # noqa: S104 -- who listens everywhere
    address = (args.url or f"http://{host}:{server.port}").rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise CannotPurge(f"{address} is no address such as http://127.0.0.1:8080")
    asked = [(kind, name) for kind in _KINDS for name in getattr(args, kind)]
    asked += [("all", "true")] if args.all else []
    request = Request(f"{address}/admin/v1/cache?{urlencode(asked)}", method="DELETE")  # noqa: S310 -- looked at above
    request.add_header("authorization", f"Bearer {key}")
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS):  # a key is nothing for a proxy
            return
    except HTTPError as error:
        raise CannotPurge(f"the gateway at {address} refuses: {_said_in(error)}") from None
    except URLError as error:
        raise CannotPurge(f"no gateway answers at {address}: {error.reason}") from None


def _said_in(error: HTTPError) -> str:
    try:
        return str(json.load(error)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"


def _stats(loaded: Loaded, args: argparse.Namespace) -> int:
    ledger = Ledger.open(loaded.ledger_url)
    try:
        drain_first(loaded, ledger, "cache stats")
        found = cached_by_route(ledger, Period(args.start, args.end))
    finally:
        ledger.close()
    if args.format == "json":
        json.dump([_row(route) for route in found], sys.stdout, indent=2)
        print()
    elif not found:
        print("No request of a route with a cache was settled.")
    else:
        for line in in_columns([_HEADINGS, *map(_cells, found)]):
            print(line)
    return 0


def _row(route: Cached) -> dict[str, object]:
    return {**route._asdict(), "share": round(route.share, 4), "saved": dollars(route.saved)}


def _cells(route: Cached) -> tuple[str, ...]:
    numbers = (route.requests, route.hits, route.stale, route.bypassed)
    return (
        route.route,
        *map(str, numbers),
        f"{route.share:.1%}",
        f"${dollars(route.saved)}",
        str(route.unpriced),
    )
