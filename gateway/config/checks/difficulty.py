"""Checks of `difficulty`: is what a deployment names a difficulty model, and one that this release can serve?

Looks at the disk. What reads a model is loaded only where one is named.
"""

from __future__ import annotations

from pathlib import Path

from gateway.config.checks.report import Report
from gateway.config.heads import decided_about
from gateway.config.problems import Path as Place
from gateway.config.settings import Settings


def check(settings: Settings, directory: Path, report: Report) -> None:
    """`directory`: what relative paths start from."""
    named = {name: each.difficulty for name, each in settings.deployments.items() if each.difficulty}
    decided = decided_about(settings) if named else []
    for name, text in named.items():
        place = ("deployments", name, "difficulty")
        _check_model(directory / Path(text).expanduser(), text, place, report)
        if name not in decided:
            report.warn(place, "decides nothing", "list the deployment in `small` of a route that also has `large`")


def _check_model(model: Path, text: str, place: Place, report: Report) -> None:
    from router.artifact import ArtifactError
    from router.difficulty.model import DifficultyModel

    try:
        DifficultyModel.load(model)
    except ArtifactError as error:
        message, _, remedy = str(error).partition("; ")
        message = message.replace(str(model), report.document.shown(place, text))
        report.error(place, message, remedy or "name a directory that `tidegate train` wrote, or leave it out")
