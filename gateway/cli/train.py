"""`tidegate train`: fit a difficulty model on rows of own traffic, and say how good it is on rows it had not seen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError, rows
from router.artifact import ArtifactError
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.view import View, view_of_content

if TYPE_CHECKING:
    from router.difficulty.training import Trained


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        nargs="+",
        required=True,
        metavar="FILE",
        help="rows of {prompt, weak_score, strong_score}, scores 0..1; .jsonl or .jsonl.gz",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the model is written")
    parser.add_argument("--prior", type=Path, metavar="DIR", help="a model to start from, where it helps")


def run(args: argparse.Namespace) -> int:
    from router.difficulty.training import CannotTrain, train

    try:
        views, labels = labelled(args.data)
        prior = DifficultyModel.load(args.prior) if args.prior else None
        trained = train(views, labels, prior)
        model = replace(trained.model, card=_card(args, len(views), trained))
        model.save(args.out)
    except (RowError, ArtifactError, CannotTrain, OSError) as error:
        return refuse("train", error)
    for line in report(trained, len(views), args.out):
        print(line, file=sys.stderr)
    return 0


def labelled(files: Iterable[str]) -> tuple[list[View], Labels]:
    """The rows of all files. Raises `RowError` at the first bad one."""
    views, weak, strong = [], [], []
    for file in files:
        for row in rows(file):
            views.append(view_of_content(row.content()))
            weak.append(row.share("weak_score"))
            strong.append(row.share("strong_score"))
    return views, Labels(np.array(weak), np.array(strong))


def report(trained: Trained, count: int, out: Path) -> list[str]:
    """What was done, for people."""
    lines = [f"{count} rows, {trained.figures.hard} on which the large model does better"]
    lines.append(f"strength of regularisation, chosen by cross-validation: {trained.strength:g}")
    if trained.prior_figures is not None:
        kept = f"kept with weight {trained.prior_weight:.2f}" if trained.prior_weight else "not used: it did not help"
        lines.append(f"prior: {kept}")
    lines.append("on rows held out of the fit, with 95 % intervals (random routing: APGR and AUROC 0.5):")
    named = [("this model", trained.figures)]
    if trained.prior_figures is not None:
        named.append(("the prior", trained.prior_figures))
    for name, figures in named:
        lines.append(f"  {name:10}  APGR {figures.apgr}  AUROC {figures.auroc}  ECE {figures.ece}")
    if trained.figures.apgr.low is None or trained.figures.apgr.low <= 0.5:
        lines.append("warning: no better than random within the interval; more rows are needed, or other ones")
    lines.append(f"written to {out}")
    return lines


def _card(args: argparse.Namespace, count: int, trained: Trained) -> dict[str, Any]:
    import sklearn

    prior = trained.prior_figures
    return {
        "version": "1",
        "means": "probability that the small model falls short of the large one, on prompts that one gets right",
        "sources": {Path(name).name: "own traffic; licence not recorded" for name in args.data},
        "rows": {"own": count},
        "recipe": {"strength": trained.strength, "prior_weight": trained.prior_weight},
        "figures": {"held_out": trained.figures.card(), "prior": prior.card() if prior else None},
        "trained_with": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    }
