"""Checks of prices: of deployments in the configuration, and of those in price files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from gateway.config.checks.report import Draft, Report
from gateway.config.home import machine_of
from gateway.config.price import Price, TokenPrice
from gateway.config.problems import Path

Wrong = tuple[Path, str, str]
"""Where in the price, what, and the remedy."""

METERS = re.compile(r"energy_uj|power\d+_(input|average)")
"""Names of files in which Linux tells what a machine draws."""

_TIER = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_USUAL = ("default", "standard", "on_demand", "auto", "scale")


def check(draft: Draft, report: Report) -> None:
    gauges: dict[str, str] = {}
    for name, deployment in draft.deployments.items():
        if deployment.price is None:
            continue
        path: Path = ("deployments", name, "price")
        for where, message, remedy in wrong_in(deployment.price):
            report.error((*path, *where), message, remedy, at_key=True)
        machine = deployment.price.machine
        if machine is not None and machine.measured is not None:
            host = machine_of(deployment.base_url)
            if gauges.setdefault(host, machine.measured) != machine.measured:
                message = f"what {host} draws is read from {gauges[host]} already"
                report.error((*path, "machine", "measured"), message, "name the same file for all models of one host")


def wrong_in(price: Price) -> Iterator[Wrong]:
    tokens, machine = price.tokens, price.machine
    if (tokens is None) == (machine is None):
        yield (), "needs exactly one of tokens and machine", ""
        return
    if tokens is not None:
        for where, message, remedy in wrong_in_tokens(tokens):
            yield ("tokens", *where), message, remedy
    if machine is not None:
        if (machine.watts > 0) != (machine.per_kwh > 0):
            yield ("machine",), "watts and per_kwh count only together", "give both, or per_hour"
        elif machine.measured is not None and not machine.watts:
            yield ("machine", "measured"), "needs watts", "give the most that the machine can draw"
        if machine.measured is not None and not METERS.fullmatch(PurePath(machine.measured).name):
            remedy = "name a file that is called energy_uj, power1_input or power1_average"
            yield ("machine", "measured"), "is no file in which Linux tells what a machine draws", remedy


def wrong_in_tokens(price: TokenPrice) -> Iterator[Wrong]:
    for above in price.above:
        if above < 1:
            yield ("above", str(above)), f"{above} is no length of a prompt", "write a number of tokens, such as 200000"
    for tier in price.tiers:
        if tier in _USUAL:
            yield ("tiers", tier), "is the usual tier", "give its rates without a tier"
        elif not _TIER.fullmatch(tier):
            yield ("tiers", tier), "is no word for a service tier", "write the provider's, such as flex or priority"
