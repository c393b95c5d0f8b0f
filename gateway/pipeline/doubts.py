"""Doubts: what budgets cannot hold, though nothing is wrong with the file. For those who read it for an operator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.accounting.catalogue import Catalogue
from gateway.accounting.prices import PriceBook
from gateway.accounting.tariff import Tariff
from gateway.config.checks import Report
from gateway.config.price import DatedPrices
from gateway.config.quota import Budget
from gateway.config.settings import Route, Settings
from gateway.pipeline.bound import ANSWER_TOKENS


def budget_doubts(settings: Settings, prices: Sequence[DatedPrices], report: Report) -> None:
    """Warns of deployments that budgets keep from being asked, since nobody knows what they cost, and of answers whose
    length nobody bounds. Reads the price map if there is a budget that refuses anything."""
    hard = {name: budget for name, budget in settings.budgets.items() if budget.hard}
    if not hard:
        return
    book = PriceBook(settings.deployments, Catalogue(), prices)
    for deployment in settings.deployments:
        strict = [name for name, budget in hard.items() if budget.unpriced == "refuse"]
        concerned = [name for name in strict if _concerns(hard[name], deployment, settings)]
        if concerned and book.unknown_price(deployment) and not settings.deployments[deployment].asleep:
            listed = ", ".join(concerned)
            report.warn(
                ("deployments", deployment),
                f"its price is not known, so it is off for all whom a budget concerns: {listed}",
                "give it a price, or write unpriced: allow",
            )
    for name, route in settings.routes.items():
        concerned = [budget for budget in hard if hard[budget].route in (None, name)]
        unbounded = [each for each in dict.fromkeys(_writers(route)) if _is_unbounded(each, settings, book)]
        if concerned and unbounded and route.max_tokens is None:
            report.warn(
                ("routes", name),
                f"nobody says how long an answer of {', '.join(unbounded)} can get: budgets hold "
                f"{ANSWER_TOKENS:,} tokens for one, and a longer one would pass them",
                "set max_tokens, such as 2000",
            )


def _concerns(budget: Budget, deployment: str, settings: Settings) -> bool:
    routes = settings.routes if budget.route is None else {budget.route: settings.routes[budget.route]}
    return any(deployment in _listed(route) for route in routes.values())


def _listed(route: Route) -> Iterator[str]:
    yield from _writers(route)
    yield from (*route.embeddings, *route.moderations)


def _writers(route: Route) -> Iterator[str]:
    yield from (*route.small, *route.large)


def _is_unbounded(name: str, settings: Settings, book: PriceBook) -> bool:
    """Whether its answers cost by the token, and neither it nor the price map has a longest."""
    rates = [version.rate for version in book.versions(name)]
    costs = any(isinstance(rate, Tariff) and rate.most(0, 1) != 0 for rate in rates)
    return costs and not settings.deployments[name].asleep and book.window(name).completion is None
