"""Term files: lists of terms that stand beside the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.config.checks.report import Report
from gateway.config.detection import Detection
from gateway.config.listfile import text_of
from gateway.config.problems import Path as Place
from router.sensitivity.detectors.own import MOST_TERMS, wrong_term


def all_terms(detection: Detection, directory: Path, report: Report) -> Mapping[str, tuple[str, ...]]:
    """The terms of each type, those of its file included. What is wrong with a file is reported."""
    terms = {name: tuple(listed) for name, listed in detection.terms.items()}
    for name, file in detection.term_files.items():
        path = ("detection", "term_files", name)
        terms[name] = (*terms.get(name, ()), *_read(directory / Path(file).expanduser(), path, report))
    count = sum(map(len, terms.values()))
    if count > MOST_TERMS:
        report.error(("detection",), f"holds {count:,} terms", f"{MOST_TERMS:,} at most: match the rest by a pattern")
    return terms


def _read(file: Path, path: Place, report: Report) -> tuple[str, ...]:
    text = text_of(file, path, report, if_large="split it, or match it by a pattern")
    if text is None:
        return ()
    terms = []
    for number, line in enumerate(text.splitlines(), 1):
        term = line.partition("#")[0].strip()
        if not term:
            continue
        if wrong := wrong_term(term):
            report.error(path, f"line {number} of {file} {wrong}", "write another, or leave it out")
        else:
            terms.append(term)
    return tuple(terms)
