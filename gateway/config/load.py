"""Loading: from a file and the environment to settings that can be used, or to everything that is wrong with them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType

from gateway.config.checks import Report, cascade, check, difficulty, redis, semantic
from gateway.config.dialtables import tables_of
from gateway.config.document import Document
from gateway.config.examplefiles import all_examples
from gateway.config.loaded import Loaded
from gateway.config.price import DatedPrices
from gateway.config.pricefiles import all_prices
from gateway.config.problems import ConfigurationError, Problem
from gateway.config.settings import Settings
from gateway.config.shape import validate
from gateway.config.termfiles import all_terms
from gateway.config.yamlfile import read
from router.calibration.table import Table
from router.capability import CAPABILITIES

Doubts = Callable[[Settings, Sequence[DatedPrices], Report], None]

FILE_NAME = "tidegate.yaml"
_VERSION_DIGITS = 16  # 64 bits: versions of one gateway's configuration do not meet by chance
_ROUTING_FIELDS = ("zone", "engine", "base_url", "model", "context", "difficulty", *CAPABILITIES)


def load(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    calibrated: bool = True,
    doubts: Doubts | None = None,
) -> Loaded:
    """Load `path`, else `./tidegate.yaml`, else the configuration that comes with the package.

    `overrides` are settings of the command line, by dotted name (`{"server.port": "9000"}`); they win over the file.
    `calibrated`: dials that mean nothing without a calibration table are refused where there is none. `doubts` may warn
    of more, once nothing is wrong. Raises `ConfigurationError` with all problems. Secrets and values from the
    environment are in none of them.
    """
    source, directory, shown_as = _find(path)
    document = read(source, shown_as, os.environ if environ is None else environ)
    _override(document, overrides or {})
    settings, problems = validate(document, Settings)
    report = check(document)
    terms = all_terms(settings.detection, directory, report) if settings is not None else {}
    examples = all_examples(settings.routes, directory, report) if settings is not None else {}
    tables: Mapping[str, Table] = {}
    if settings is not None:
        difficulty.check(settings, directory, report)
        cascade.check_heads(settings, directory, report)
        encoder = settings.cache.encoder.beside(directory)
        settings = replace(
            settings, redis=settings.redis.beside(directory), cache=replace(settings.cache, encoder=encoder)
        )
        semantic.check_files(encoder, report)
        redis.check_files(settings.redis, report)
    if settings is not None and calibrated and not report.problems:
        tables = tables_of(settings, directory, directory / Path(settings.state).expanduser(), report)
    prices: tuple[DatedPrices, ...] = ()
    if settings is not None:
        prices, wrong = all_prices(settings, directory, report)
        problems += wrong
    problems = [*document.problems, *problems, *report.problems]
    if settings is None or problems:
        raise ConfigurationError(sorted(problems, key=_in_order(shown_as)))
    if doubts is not None:
        doubts(settings, prices, report)
    state = directory / Path(settings.state).expanduser()
    return Loaded(
        settings=settings,
        source=source,
        directory=directory,
        state_directory=state,
        ledger_url=_ledger_url(settings.ledger.url.get_secret_value(), directory, state),
        version=version_of(settings, terms, tables, examples),
        warnings=tuple(report.warnings),
        terms=terms,
        tables=tables,
        examples=examples,
        prices=prices,
    )


def packaged() -> Path:
    """The configuration that comes with the package: beside this file in a wheel, at the top of a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / FILE_NAME
    return inside if inside.is_file() else here.parent.parent / FILE_NAME


def version_of(
    settings: Settings,
    terms: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    tables: Mapping[str, Table] = MappingProxyType({}),
    examples: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType({}),
) -> str:
    """The same for two configurations that route alike. Keys, limits, time-outs, what is learned from and secrets do
    not count."""
    matters = {
        "deployments": {
            name: {field: getattr(deployment, field) for field in _ROUTING_FIELDS}
            for name, deployment in settings.deployments.items()
        },
        "routes": {
            name: _without(asdict(route), "learning", "shadow", "limits", "cache")
            for name, route in settings.routes.items()
        },
        "examples": {name: dict(listed) for name, listed in examples.items()},
        "policy": asdict(settings.policy),
        "detection": [sorted(terms.items()), asdict(settings.detection)],
        "teams": {name: _without(asdict(team), "limits") for name, team in settings.teams.items()},
        "keys": {key.name: asdict(key.policy) for key in settings.keys if key.policy is not None},
        "region": settings.region,
        "timezone": settings.server.timezone,
        "tables": {name: table.digest for name, table in tables.items()},
    }
    return hashlib.sha256(json.dumps(matters, sort_keys=True, default=str).encode()).hexdigest()[:_VERSION_DIGITS]


def _in_order(first: str) -> Callable[[Problem], tuple[bool, str, int, int]]:
    """File by file, that one before all others."""
    return lambda problem: (problem.file != first, problem.file, problem.line or 0, problem.column or 0)


def _without(settings: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in settings.items() if name not in names}


def _find(path: Path | None) -> tuple[Path, Path, str]:
    """The file, the directory that relative paths start from, and how the file is called in messages."""
    if path is None and not Path(FILE_NAME).is_file():
        return packaged(), Path.cwd(), FILE_NAME
    given = path or Path(FILE_NAME)
    source = given.absolute()
    return source, source.parent, str(given)


def _override(document: Document, overrides: Mapping[str, str]) -> None:
    for name, value in overrides.items():
        section, _, field = name.partition(".")
        values = document.data.setdefault(section, {})
        if values is None:
            values = document.data[section] = {}
        if not isinstance(values, dict):  # reported by the check of the shape
            continue
        values[field] = value
        document.overridden((section, field))


def _ledger_url(url: str, directory: Path, state: Path) -> str:
    if not url:
        return f"sqlite:///{state / 'ledger.db'}"
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] == "sqlite":
        file, mark, query = rest.removeprefix("/").partition("?")
        return f"{scheme}:///{directory / file}{mark}{query}"
    return f"postgresql://{rest}" if scheme == "postgres" else url  # SQLAlchemy knows only the longer word
