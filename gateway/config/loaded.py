"""Loaded: a configuration that has passed every check. `load.py` makes it; everything else is handed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.config.price import DatedPrices
from gateway.config.problems import Problem
from gateway.config.settings import Settings
from router.calibration.table import Table


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that has passed every check."""

    settings: Settings
    source: Path  # the file, absolute
    directory: Path  # what relative paths in it start from, absolute
    state_directory: Path  # absolute; not made yet
    ledger_url: str = field(repr=False)  # SQLite files absolute; may hold a password
    version: str  # a digest of what decides where a request goes; no secret goes into it
    warnings: tuple[Problem, ...] = ()
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """The terms to be found by type, those of the files included."""
    tables: Mapping[str, Table] = field(default_factory=dict, repr=False)
    """Calibration tables by route, of those that have one of their own."""
    examples: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    """The examples of specialists, by route and name."""

    prices: tuple[DatedPrices, ...] = ()
    """What price files say, in the order of their dates."""

    def database(self, file: str) -> str:
        """The URL of a database that is not the ledger: beside it where that is on a server; else a file of its own in
        the state directory, whose one writer the ledger is not."""
        url = self.ledger_url
        return f"sqlite:///{self.state_directory / file}" if url.startswith("sqlite") else url

    def resolve(self, path: str) -> Path:
        """A path from the configuration, absolute."""
        return self.directory / Path(path).expanduser()
