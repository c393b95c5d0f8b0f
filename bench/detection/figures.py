"""Figures: what is measured of detection, and the goals beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from bench.detection.rows import Judged, Row
from bench.detection.share import Share


class Figure(NamedTuple):
    """A share of some rows. `at_most`: the goals are ceilings, as of false alarms."""

    name: str
    must: float
    aim: float
    of: Callable[[Row], bool]
    share: Callable[[list[Judged]], Share] = Share.of_documents
    at_most: bool = False

    def verdict(self, share: Share) -> str:
        return verdict(share.value, self.must, self.aim, self.at_most) if share.total else "-"


def verdict(value: float, must: float, aim: float, at_most: bool) -> str:
    """Which of the goals is met."""
    sign = -1 if at_most else 1
    return "aim" if sign * value >= sign * aim else "must" if sign * value >= sign * must else "missed"


def _addresses(some: list[Judged]) -> Share:
    return Share.of_spans(some, "ADDRESS")


def _harmless(row: Row) -> bool:
    return row.file == "neg"


FIGURES = (
    Figure("documents with strong identifiers", 0.985, 0.995, lambda row: row.file == "pos" and row.tier == "strong"),
    Figure("secrets", 0.93, 0.97, lambda row: row.file == "secrets"),
    Figure("false alarms, all harmless rows", 0.03, 0.02, _harmless, at_most=True),
    Figure("false alarms, code", 0.02, 0.01, lambda row: _harmless(row) and row.lang == "code", at_most=True),
    Figure("names alone", 0.80, 0.93, lambda row: row.file == "pos" and row.tier == "name_only"),
    Figure("evasion, spans", 0.93, 0.97, lambda row: row.file == "evasion", Share.of_spans),
    Figure("addresses, spans", 0.75, 0.90, lambda row: row.file == "pos", _addresses),
    Figure("real prompts", 0.55, 0.70, lambda row: row.file == "pupa"),
)


def lines(some: list[Judged]) -> Iterator[str]:
    """The table."""
    yield f"{'what':<34}{'share  [95 %]  of':<34}{'must':>6} {'aim':>6}  met"
    for figure in FIGURES:
        share = figure.share([each for each in some if figure.of(each.row)])
        sign = "<=" if figure.at_most else ">="
        yield (f"{figure.name:<34}{share!s:<34}{sign}{figure.must:.3f} {sign}{figure.aim:.3f}  {figure.verdict(share)}")


def details(some: list[Judged]) -> Iterator[str]:
    """Each figure per language and per source, then all tiers."""
    for figure in FIGURES:
        mine = [each for each in some if figure.of(each.row)]
        yield f"\n{figure.name}"
        yield from _grouped(mine, lambda row: row.lang, figure.share)
        yield from _grouped(mine, lambda row: f"{row.source}, {row.tier}", figure.share)
    yield "\nby tier and language, documents"
    yield from _grouped(some, lambda row: f"{row.file}, {row.tier}, {row.lang}", Share.of_documents)


def _grouped(
    some: list[Judged], name_of: Callable[[Row], str], share: Callable[[list[Judged]], Share]
) -> Iterator[str]:
    groups: dict[str, list[Judged]] = {}
    for each in some:
        groups.setdefault(name_of(each.row), []).append(each)
    for name, group in sorted(groups.items()):
        yield f"    {name:<44}{share(group)}"
