"""`tidegate evaluate`: how good a difficulty model is on labelled rows, per task, and what thresholds would do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from gateway.cli.numbers import share_given
from gateway.cli.refusal import refuse
from gateway.cli.rows import Row, RowError, rows
from router.artifact import ArtifactError
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import Interval
from router.difficulty.labels import Labels
from router.difficulty.quality import FIGURES, Costs, Quality, Sent

DEFAULT_THRESHOLD = 0.5  # of a route that sets none
ALL = "all rows"
UNNAMED = "(none)"  # a row without the field that rows are grouped by
_DOLLARS = Decimal("0.0001")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FILE",
        help="rows of {prompt, weak_score, strong_score}, scores 0..1, and if known weak_cost, strong_cost in dollars",
    )
    parser.add_argument("--artifact", type=Path, metavar="DIR", help="difficulty model; default: the one shipped")
    parser.add_argument("--by", choices=("source", "category"), help="figures for each value of this field too")
    parser.add_argument(
        "--threshold",
        nargs="+",
        type=share_given,
        default=[],
        metavar="T",
        help=f"what these thresholds would have sent to the large model, beside the default, {DEFAULT_THRESHOLD}",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    try:
        model = Estimator.load(args.artifact) if args.artifact else Estimator.shipped()
        tasks = _tasks(model, args.data, args.by)
    except (ArtifactError, RowError) as error:
        return refuse("evaluate", error)
    if not tasks[ALL].difficulty:
        return refuse("evaluate", "no rows")
    thresholds = sorted({DEFAULT_THRESHOLD, *args.threshold})
    found = {name: task.quality(thresholds) for name, task in tasks.items()}
    if args.json:
        abstained = {name: task.abstained for name, task in tasks.items()}
        document = {name: _document(quality) | {"abstained": abstained[name]} for name, quality in found.items()}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())
        return 0
    for line in table(found):
        print(line)
    if tasks[ALL].abstained:
        print(f"\non {tasks[ALL].abstained} rows the model abstains: there a route asks its default")
    return 0


@dataclass(slots=True)
class _Task:
    """The rows of one task: estimates, labels, costs."""

    difficulty: list[float] = field(default_factory=list)
    weak: list[float] = field(default_factory=list)
    strong: list[float] = field(default_factory=list)
    costs: list[Costs] = field(default_factory=list)
    abstained: int = 0

    def quality(self, thresholds: list[float]) -> Quality:
        labels = Labels(np.array(self.weak), np.array(self.strong))
        return Quality.of(np.array(self.difficulty), labels, thresholds, self.costs)


def _tasks(model: Estimator, files: Iterable[str], by: str | None) -> dict[str, _Task]:
    """All rows under `ALL`, and, if asked for, under their task. Raises `RowError`."""
    tasks = {ALL: _Task()}
    for file in files:
        for row in rows(file):
            estimate = model.estimate(row.content())
            names = [ALL] if by is None else [ALL, _name(row, by)]
            weak, strong = row.share("weak_score"), row.share("strong_score")
            costs = Costs(row.amount("weak_cost"), row.amount("strong_cost"))
            for name in names:
                task = tasks.setdefault(name, _Task())
                task.difficulty.append(estimate.probability)
                task.weak.append(weak)
                task.strong.append(strong)
                task.costs.append(costs)
                task.abstained += estimate.abstained
    return tasks


def _name(row: Row, by: str) -> str:
    value = row.fields.get(by)
    if value is not None and not isinstance(value, str):
        raise row.error(f"'{by}' must be a string")
    return value or UNNAMED


def table(found: dict[str, Quality]) -> Iterator[str]:
    """For people. Random routing: APGR and AUROC 0.5, CPT50 50 %, CPT80 80 %."""
    width = max(12, *(len(name) for name in found))
    columns = "".join(f"{name.upper():<22}" for name in FIGURES)
    yield f"{'':{width}}  {'rows':>6} {'hard':>6} {'small':>6} {'large':>6}  {columns}".rstrip()
    for name, quality in found.items():
        figures = "".join(f"{quality.figures[each]!s:<22}" for each in FIGURES)
        scores = f"{quality.weak:6.3f} {quality.strong:6.3f}"
        yield f"{name:{width}}  {quality.rows:6} {quality.hard:6} {scores}  {figures}".rstrip()
    yield ""
    yield f"{'':{width}}  {'from':>6}  {'share to the large model':<26}{'gap recovered':<26}{'score':<8}$ per 1,000"
    for name, quality in found.items():
        cost = quality.cost
        yield f"{name:{width}}  {'none':>6}  {'0':<26}{'0':<26}{quality.weak:<8.3f}{_amount(cost.weak)}"
        for sent in quality.sent:
            figures = f"{sent.share!s:<26}{sent.recovered!s:<26}{sent.score:<8.3f}"
            yield f"{name:{width}}  {sent.threshold:6g}  {figures}{_amount(sent.cost)}"
        yield f"{name:{width}}  {'all':>6}  {'1':<26}{'1':<26}{quality.strong:<8.3f}{_amount(cost.strong)}"


def _amount(dollars: Decimal | None) -> str:
    return "unknown" if dollars is None else f"{dollars.quantize(_DOLLARS):f}"


def _document(quality: Quality) -> dict[str, Any]:
    """For programs: an interval is `[value, low, high]` or null, an amount a string."""
    return {
        "rows": quality.rows,
        "hard": quality.hard,
        "score": {"small": quality.weak, "large": quality.strong},
        "cost_per_1000": {"small": _exact(quality.cost.weak), "large": _exact(quality.cost.strong)},
        **{name: _interval(quality.figures[name]) for name in FIGURES},
        "thresholds": [_threshold_document(sent) for sent in quality.sent],
    }


def _threshold_document(sent: Sent) -> dict[str, Any]:
    return {
        "threshold": sent.threshold,
        "share_large": _interval(sent.share),
        "recovered": _interval(sent.recovered),
        "score": sent.score,
        "cost_per_1000": _exact(sent.cost),
    }


def _interval(figure: Interval) -> list[float] | None:
    return figure.card()


def _exact(dollars: Decimal | None) -> str | None:
    return None if dollars is None else f"{dollars:f}"
