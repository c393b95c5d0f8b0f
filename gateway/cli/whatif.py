"""`tidegate whatif`: what the requests in the ledger would have cost with another dial, other models, another cache."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.accounting.against import Named, Reference, UnknownPrice
from gateway.accounting.asked import LEAST_ANSWERS, LEAST_PAIRS, Traffic, traffic_of
from gateway.accounting.history import Past
from gateway.accounting.ledger import Ledger, LedgerUnavailable
from gateway.accounting.money import dollars
from gateway.accounting.period import Period
from gateway.accounting.whatif import Model, Outcome, Scenario, as_it_was, replayed
from gateway.cli.columns import in_columns
from gateway.cli.drained import drain_first
from gateway.cli.numbers import share_given
from gateway.cli.refusal import refuse
from gateway.cli.simulate import dials_of
from gateway.cli.times import end_of, start_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.settings import Route
from router.calibration.replay import CannotReplay
from router.dial import Dial


class _Unanswerable(Exception):
    """The question cannot be put like this. The message says how."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--route", default="auto", help="whose requests; default: auto")
    parser.add_argument("--dial", action="append", metavar="DIALS", help="such as share=0.1,0.3; may be given again")
    for side in ("small", "large"):
        parser.add_argument(f"--{side}", metavar="MODEL", help=f"a deployment or model in place of the {side} one")
    parser.add_argument("--cache", type=_cache, metavar="SHARE", help="off, or the share that it would answer, 0 to 1")
    parser.add_argument("--against", metavar="MODEL", help="what savings are counted against, as of `tidegate report`")
    parser.add_argument("--from", dest="start", type=start_of, metavar="TIME", help="a date (UTC) or an ISO time")
    parser.add_argument("--to", dest="end", type=end_of, metavar="TIME", help="a date, included, or an ISO time, not")
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./tidegate.yaml, else the one shipped")
    parser.add_argument("--ledger", metavar="URL", help="read this ledger instead; its journals are left alone")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")


def run(args: argparse.Namespace) -> int:
    try:
        loaded = load(args.config)
        found = _found(args, loaded)
    except (
        *(ConfigurationError, LedgerUnavailable, UnknownPrice, CannotReplay, _Unanswerable),
        ValueError,
    ) as error:
        return refuse("whatif", error)
    sys.stdout.write(json.dumps(found.plain(), indent=2) + "\n" if args.json else "\n".join(found.lines()) + "\n")
    return 0


@dataclass(frozen=True, slots=True)
class Found:
    """The answer, and what it rests on."""

    route: str
    against: str | None
    before: Outcome
    after: tuple[Outcome, ...]
    assumed: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"What was asked of {self.route}: {self.before.requests:,} requests, in dollars"
        yield ""
        heads = ("", "large", "spent", "between", f"all {self.against or 'large'}", "saved", "unknown")
        yield from in_columns([heads, *(_cells(outcome) for outcome in (self.before, *self.after))])
        yield ""
        yield "Assumed:"
        for text in self.assumed:
            yield f"- {text}"

    def plain(self) -> dict[str, Any]:
        """For machines. Money is text, what is not known null."""
        outcomes = [_plain(outcome) for outcome in (self.before, *self.after)]
        assumed = list(self.assumed)
        return {"route": self.route, "against": self.against, "outcomes": outcomes, "assumed": assumed}


def _found(args: argparse.Namespace, loaded: Loaded) -> Found:
    route = loaded.settings.routes.get(args.route)
    if route is None or not (route.small and route.large):
        raise _Unanswerable(f"no route '{args.route}' with small and large deployments in {loaded.source}")
    if not (args.dial or args.small or args.large or args.cache is not None):
        raise _Unanswerable("say what would be different: --dial, --small, --large or --cache")
    against: Reference = _as_booked if args.against is None else _named(args.against, loaded)
    small, large = _model(args.small, route.small[0], loaded), _model(args.large, route.large[0], loaded)
    traffic = _traffic(args, loaded, route)
    if not traffic.requests:
        raise _Unanswerable(f"nothing was asked of '{args.route}' in that time")
    table = loaded.tables.get(args.route)
    dials: list[Dial | None] = [dial for text in args.dial or () for dial in dials_of(text)] or [None]
    scenarios = [Scenario(_title(args, dial), small, large, dial, args.cache) for dial in dials]
    after = tuple(replayed(traffic, scenario, table, against) for scenario in scenarios)
    assumed = tuple(_assumed(args, traffic, scenarios[0]))
    return Found(args.route, args.against, as_it_was(traffic, against), after, assumed)


def _traffic(args: argparse.Namespace, loaded: Loaded, route: Route) -> Traffic:
    ledger = Ledger.open(args.ledger or loaded.ledger_url)
    try:
        if args.ledger in (None, loaded.ledger_url):
            drain_first(loaded, ledger, "answer")
        with ledger.reading() as connection:
            return traffic_of(connection, Period(args.start, args.end), args.route, route.small, route.large)
    finally:
        ledger.close()


def _as_booked(past: Past) -> Decimal | None:
    """The reference of the time."""
    return past.counterfactual


def _named(name: str, loaded: Loaded) -> Named:
    return Named.of(name, loaded.settings.deployments, loaded.prices)


def _model(given: str | None, usual: str, loaded: Loaded) -> Model:
    try:
        named = _named(given or usual, loaded)
    except UnknownPrice:
        if given is not None:
            raise
        # What has no price only matters where something has to be priced: then it is unknown, and counted.
        return Model(usual, Named.maybe_unpriced(usual, loaded.settings.deployments, loaded.prices).book)
    return Model(named.name, named.book, instead=given is not None and given != usual)


def _title(args: argparse.Namespace, dial: Dial | None) -> str:
    cache = None if args.cache is None else f"cache {args.cache:f}" if args.cache else "no cache"
    parts = (dial and str(dial), args.small and f"small {args.small}", args.large and f"large {args.large}", cache)
    return ", ".join(part for part in parts if part)


def _assumed(args: argparse.Namespace, traffic: Traffic, scenario: Scenario) -> Iterator[str]:
    steered = sum(asked.steered for asked in traffic.requests)
    if args.dial:
        yield (
            f"a dial decides again on the {steered:,} requests that difficulty decided; all others stay where they were"
        )
    longer = traffic.longer
    if longer is None or longer.value is None or longer.low is None or longer.high is None:
        yield (
            "another model would have written as many tokens: too few questions were put to both classes to say "
            f"({traffic.pairs:,} of {LEAST_PAIRS}; shadow evaluation makes them)"
        )
    else:
        yield (
            f"the large model writes {longer.value:.2f} [{longer.low:.2f}, {longer.high:.2f}] times as many tokens, "
            f"measured on {traffic.pairs:,} questions put to both"
        )
    for model in (scenario.small, scenario.large):
        if model.name in model.book.by_time:
            per_token = traffic.per_token.get(model.name)
            known = f"{dollars(per_token.quantize(Decimal('1e-12')))} $, as in its other answers" if per_token else None
            yield f"a token of an answer of {model.name} costs " + (
                known or f"nobody knows how much: fewer than {LEAST_ANSWERS} of its answers are in the ledger"
            )
    yield "a prompt that moves finds nothing in the other provider's cache"
    yield "failed attempts, shadows, judges and answers that were set aside cost what they cost"
    if args.cache is not None:
        yield "a cache answers all requests alike, and what it answered would have gone where the others go"
    yield "what the answers are worth is not in the ledger: `tidegate simulate` says, of rows with scores"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    between = "" if outcome.between is None else "{:,.4f} to {:,.4f}".format(*outcome.between)
    return (
        outcome.name,
        "-" if outcome.large is None else f"{outcome.large:.1%}",
        *(_shown(outcome.spent), between, _shown(outcome.reference), _shown(outcome.saved)),
        f"{outcome.unknown:,}",
    )


def _shown(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:,.4f}"


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "requests": outcome.requests,
        "large": outcome.large,
        "spent": _text(outcome.spent),
        "spent_between": outcome.between and [_text(end) for end in outcome.between],
        "unknown": outcome.unknown,
        "reference": _text(outcome.reference),
        "saved": _text(outcome.saved),
        "not_compared": outcome.not_compared,
    }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else dollars(amount)


def _cache(text: str) -> Decimal:
    return Decimal(0) if text == "off" else Decimal(str(share_given(text)))
