"""Checks of cascades: is there anything to escalate to, and is the head one?"""

from __future__ import annotations

from pathlib import Path as File

from gateway.config.cascade import Cascade
from gateway.config.checks.report import Draft, Report
from gateway.config.problems import Path
from gateway.config.settings import Route, Settings


def check(draft: Draft, report: Report) -> None:
    for name, route in draft.routes.items():
        if route.cascade is not None:
            _check_cascade(route, route.cascade, ("routes", name, "cascade"), report)


def check_heads(settings: Settings, directory: File, report: Report) -> None:
    """Whether every head can be loaded, and belongs to the deployment whose answers it would look at."""
    for name, route in settings.routes.items():
        if route.cascade is not None and route.cascade.head is not None:
            _check_head(route, directory / File(route.cascade.head).expanduser(), ("routes", name, "cascade"), report)


def _check_cascade(route: Route, cascade: Cascade, path: Path, report: Report) -> None:
    if len(cascade.band) != 2 or cascade.band[0] >= cascade.band[1]:
        report.error((*path, "band"), "must be two difficulties, the lower one first", "write [0.35, 0.65]")
    if not route.small or not route.large:
        report.error(path, "needs deployments under small and under large", "list both, or leave it out", at_key=True)
    elif route.prefer != "auto":
        report.error(
            path,
            f"never applies: `prefer: {route.prefer}` does not ask how hard a prompt is",
            "remove `prefer`, or leave it out",
            at_key=True,
        )


def _check_head(route: Route, directory: File, path: Path, report: Report) -> None:
    from router.artifact import ArtifactError
    from router.cascade.head import Head  # numpy: for those who have one

    here = (*path, "head")
    try:
        head = Head.load(directory)
    except ArtifactError as error:
        report.error(here, str(error), "name a directory that `tidegate cascade fit` wrote")
        return
    deployment = head.card.get("deployment")
    if deployment not in route.small:
        report.error(
            here,
            f"was fitted on answers of '{deployment}', which is not among the small deployments of this route",
            f"fit one for {route.small[0]}" if route.small else "list that deployment under small",
        )
    elif not head.knows:
        report.warn(here, "knows nothing: on its own rows it was no better than chance, so only hard checks count")
