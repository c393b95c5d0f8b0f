"""Price files: what deployments and models cost from a date on. They stand beside the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gateway.config.checks.prices import wrong_in, wrong_in_tokens
from gateway.config.checks.report import Report
from gateway.config.document import Document
from gateway.config.price import DatedPrices, PriceList
from gateway.config.problems import ConfigurationError, Problem
from gateway.config.settings import Settings
from gateway.config.shape import nearest, validate
from gateway.config.yamlfile import read

_PLACE = ("prices",)
_MOST_FILES = 1000


def all_prices(settings: Settings, directory: Path, report: Report) -> tuple[tuple[DatedPrices, ...], list[Problem]]:
    """What the files say, in the order of their dates, and what is wrong in them, each with its own file and line."""
    if settings.prices is None:
        return (), []
    place = directory / Path(settings.prices).expanduser()
    try:
        files = sorted(place.glob("*.y*ml")) if place.is_dir() else [place]
    except OSError as error:
        report.error(_PLACE, f"{place} cannot be read: {error.strerror or error}", "let the gateway read it")
        return (), []
    if not 0 < len(files) <= _MOST_FILES:
        remedy = f"put 1 to {_MOST_FILES:,} there, whose names end in .yaml"
        report.error(_PLACE, f"{place} holds {len(files)} price files", remedy)
        return (), []
    problems: list[Problem] = []
    lists: list[DatedPrices] = []
    for file in files:
        try:
            document = read(file, str(file), {}, ("since",))
        except ConfigurationError as error:
            problems += error.problems
            continue
        listed, wrong = validate(document, PriceList)
        problems += [*document.problems, *wrong]
        if listed is not None:
            problems += _problems_in(document, listed, settings)
            lists.append(DatedPrices(_time(listed.since) or 0, file.name, listed.deployments, listed.models))
    lists.sort(key=lambda dated: dated.since)
    return tuple(lists), [*problems, *_twice(lists, str(place))]


def _problems_in(document: Document, listed: PriceList, settings: Settings) -> Iterator[Problem]:
    if _time(listed.since) is None:
        remedy = "write a date such as 2026-01-31, or a time such as 2026-01-31T00:00:00+01:00"
        yield document.problem(("since",), f"{document.shown(('since',), listed.since)} is no time", remedy)
    for name, price in listed.deployments.items():
        path = ("deployments", name)
        if name not in settings.deployments:
            remedy = nearest(name, settings.deployments) or "name one of the configuration"
            yield document.problem(path, "there is no such deployment", remedy, at_key=True)
        for where, message, remedy in wrong_in(price):
            yield document.problem((*path, *where), message, remedy, at_key=True)
    for name, tokens in listed.models.items():
        for where, message, remedy in wrong_in_tokens(tokens):
            yield document.problem(("models", name, *where), message, remedy, at_key=True)


def _twice(lists: list[DatedPrices], place: str) -> Iterator[Problem]:
    """Of two prices from the same moment on, nobody could say which holds."""
    seen: dict[tuple[float, str, str], str] = {}
    for dated in lists:
        kinds: tuple[tuple[str, Mapping[str, object]], ...] = (
            ("deployments", dated.deployments),
            ("models", dated.models),
        )
        for kind, named in kinds:
            for name in named:
                first = seen.setdefault((dated.since, kind, name), dated.file)
                if first != dated.file:
                    message = f"has two prices from the same time on, in {first} and {dated.file}"
                    yield Problem(place, None, None, f"{kind}.{name}", message, "remove one")


def _time(text: str) -> float | None:
    """Seconds since the epoch; a date begins at midnight UTC. None for a text that is neither a date nor a time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
