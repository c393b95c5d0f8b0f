"""Plug-ins there are: those that the gateway knows, and those that installed packages offer. Nothing is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

GROUP = "tidegate.detectors"
"""The group of entry points. Each is called with the plug-in's options and returns an `Advisor`."""

KNOWN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "credsweeper": {"credsweeper": "credsweeper"},
        "gliner": {"gliner": "gliner"},
        "presidio": {"presidio_analyzer": "presidio-analyzer", "spacy": "spacy"},
    }
)
"""By name, the modules that each needs, and the packages that these come in."""


def missing_packages(name: str) -> list[str]:
    """The packages that a known plug-in needs and does not find."""
    return [package for module, package in KNOWN[name].items() if find_spec(module) is None]


def presidio_model(options: Mapping[str, str]) -> str:
    """The spaCy model that Presidio is to use: a package or a directory."""
    return options.get("model") or f"{options.get('language', 'en')}_core_web_sm"


def missing_model(name: str, options: Mapping[str, str]) -> str:
    """The model that a known plug-in would have to fetch, or nothing. None is ever fetched while serving."""
    if name == "presidio" and not Path(model := presidio_model(options)).is_dir() and find_spec(model) is None:
        return model
    if name == "gliner" and not Path(options.get("model", "none named")).is_dir():
        return options.get("model", "none named")
    return ""


def entry_points_by_name() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
