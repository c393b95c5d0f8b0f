"""Checks of detection: is every term and pattern one, and is every plug-in there?"""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.config.checks.report import Draft, Report
from gateway.config.plugins import KNOWN, entry_points_by_name, missing_model, missing_packages
from gateway.config.problems import Path
from gateway.config.shape import nearest
from router.sensitivity.detectors.own import wrong_pattern, wrong_term

_TYPE = re.compile(r"[A-Z][A-Z0-9_]{1,63}\Z")


def check(draft: Draft, report: Report) -> None:
    detection = draft.detection
    for group, texts, wrong in (
        ("terms", detection.terms, wrong_term),
        ("patterns", detection.patterns, wrong_pattern),
    ):
        for name, listed in texts.items():
            _check_type(name, ("detection", group, name), report)
            _check_texts(listed, ("detection", group, name), wrong, report)
    for name in detection.term_files:
        _check_type(name, ("detection", "term_files", name), report)
    _check_plugins(draft, report)


def _check_type(name: str, path: Path, report: Report) -> None:
    if not _TYPE.match(name):
        report.error(path, f"'{name}' is no type of finding", "write it like PROJECT or EMPLOYEE_ID", at_key=True)


def _check_texts(listed: tuple[str, ...], path: Path, wrong: Callable[[str], str], report: Report) -> None:
    for number, text in enumerate(listed):
        if why := wrong(text):
            here = (*path, number)
            report.error(here, f"{report.document.shown(here, text)} {why}", "write another, or leave it out")


def _check_plugins(draft: Draft, report: Report) -> None:
    seen: set[str] = set()
    for number, plugin in enumerate(draft.detection.plugins):
        path = ("detection", "plugins", number, "name")
        offered = entry_points_by_name()
        if plugin.name in seen:
            report.error(path, f"'{plugin.name}' is there twice", "leave one out")
        elif plugin.name in KNOWN:
            if missing := missing_packages(plugin.name):
                report.error(
                    path,
                    f"'{plugin.name}' needs what is not installed: {', '.join(missing)}",
                    f"pip install {' '.join(missing)}",
                )
            elif model := missing_model(plugin.name, plugin.options):
                report.error(
                    path,
                    f"the model '{model}' is not installed, and none is fetched while serving",
                    "install it (`python -m spacy download NAME`), or name its directory in options: {model: …}",
                )
        elif plugin.name not in offered:
            remedy = nearest(plugin.name, (*KNOWN, *offered)) or f"known here: {', '.join((*KNOWN, *offered))}"
            report.error(path, f"there is no plug-in '{plugin.name}'", remedy)
        seen.add(plugin.name)
