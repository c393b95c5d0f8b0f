"""Registering: what `tidegate keys` and `tidegate teams` have in common. They work on the database itself, whether a
gateway runs or not; one that runs takes a change up within two seconds.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import ValidationError

from gateway.access.changes import Hand
from gateway.access.keyed_hash import KeyedHash
from gateway.access.place import access_secret, access_url, is_missing
from gateway.access.registry import Registry
from gateway.access.store import AccessStore
from gateway.cli.refusal import refuse
from gateway.cli.times import start_of
from gateway.config.checks.keys import is_key_name
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError, dotted
from gateway.config.quota import Budget, Limits, Period
from gateway.config.shape import settings_of
from gateway.stores.sql import DatabaseUnavailable
from gateway.wire.errors import BadRequest, GatewayError

ACTOR: Final = "command line"  # no key can be called so
BUDGET: Final = "budget"  # the name of the one that is given on the command line
Group = TypeVar("Group", Limits, Budget)
_SPAN: Final = re.compile(r"(\d{1,6})([smhdw])\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def with_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")


def with_bounds(parser: argparse.ArgumentParser) -> None:
    """What keys and teams can both be bound by."""
    parser.add_argument("--locality", default="any", help="how far anything asked may travel: local, eu+local, any")
    parser.add_argument("--region", help="where those are who ask")
    parser.add_argument("--rpm", type=_count, metavar="N", help="requests per minute")
    parser.add_argument("--tpm", type=_count, metavar="N", help="tokens per minute")
    parser.add_argument("--concurrent", type=_count, metavar="N", help="requests at the same time")
    parser.add_argument(
        "--budget", type=_budget, metavar="DOLLARS/PERIOD", help="such as 50/month, 10/week, 2.50/day, 5/24h"
    )


def bounds(args: argparse.Namespace) -> dict[str, Any]:
    """The terms that `with_bounds` asked for. Raises `BadRequest` for a number that is out of bounds."""
    limits = {"requests_per_minute": args.rpm, "tokens_per_minute": args.tpm, "concurrent": args.concurrent}
    budgets = {BUDGET: _within(Budget, asdict(args.budget))} if args.budget else {}
    return {"locality": args.locality, "region": args.region, "limits": _within(Limits, limits), "budgets": budgets}


def _within(kind: type[Group], said: Mapping[str, object]) -> Group:
    """As the configuration is read, and the administration API: by the same bounds."""
    try:
        return settings_of(kind, said)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadRequest(f"`{dotted(detail['loc'])}`: {detail['msg']}.") from None


def name(text: str) -> str:
    if not is_key_name(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no name: letters, digits and . _ @ + -, at most 64")
    return text


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def span(text: str) -> float:
    """A span of time such as `24h`, in seconds."""
    found = _SPAN.match(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time such as 30m, 24h, 7d")
    return int(found[1]) * _SECONDS[found[2]]


def moment(text: str) -> float:
    """A date, an ISO time, or a span from now."""
    return time.time() + span(text) if _SPAN.match(text) else start_of(text)


def run(command: str, config: Path | None, work: Callable[[Loaded], None]) -> int:
    """Returns 0; 2 with the reason on stderr for what cannot be done."""
    try:
        work(load(config))
    except GatewayError as error:
        return refuse(command, error.message)
    except (ConfigurationError, DatabaseUnavailable, OSError) as error:
        return refuse(command, error)
    return 0


@contextmanager
def changing(loaded: Loaded) -> Iterator[tuple[Registry, Hand]]:
    store = AccessStore.open(access_url(loaded))
    try:
        yield Registry(store, loaded.settings, KeyedHash(access_secret(loaded))), Hand(ACTOR, time.time())
    finally:
        store.close()


@contextmanager
def looking(loaded: Loaded) -> Iterator[AccessStore | None]:
    """None where nothing was ever made: no file is made for having been asked for."""
    url = access_url(loaded)
    if is_missing(url):
        yield None
        return
    store = AccessStore.open(url)
    try:
        yield store
    finally:
        store.close()


def date(at: float | None) -> str:
    return "-" if at is None else time.strftime("%Y-%m-%d %H:%MZ", time.gmtime(at))


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _budget(text: str) -> Budget:
    amount, _, period = text.partition("/")
    try:
        dollars = Decimal(amount)
    except InvalidOperation:
        dollars = Decimal(-1)
    if not dollars.is_finite() or dollars < 0 or not period:
        raise argparse.ArgumentTypeError(f"{text!r} is no budget such as 50/month or 5/24h")
    for known in get_args(Period):
        if period == known:
            return Budget(amount=dollars, period=known)
    return Budget(amount=dollars, rolling=period)


def limits_shown(limits: Limits) -> str:
    said = (
        ("requests/min", limits.requests_per_minute),
        ("tokens/min", limits.tokens_per_minute),
        ("at once", limits.concurrent),
    )
    return ", ".join(f"{value} {what}" for what, value in said if value is not None) or "none"


def budgets_shown(budgets: Mapping[str, Budget]) -> str:
    return (
        ", ".join(f"{own}: ${budget.amount} a {budget.period or budget.rolling}" for own, budget in budgets.items())
        or "none"
    )
