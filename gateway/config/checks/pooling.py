"""Checks of pooling: is there anything to balance, and do seats and queues go together?"""

from __future__ import annotations

from gateway.config.checks.report import Draft, Report
from gateway.config.pooling import DEFAULT_QUEUE
from gateway.config.problems import Path
from gateway.config.settings import Deployment, Route


def check(draft: Draft, report: Report) -> None:
    for name, deployment in draft.deployments.items():
        _check_deployment(deployment, ("deployments", name), draft, report)
    weighed = {
        name
        for route in draft.routes.values()
        if route.balance != "order"
        for listed in _classes(route)
        for name in listed
    }
    for name, deployment in draft.deployments.items():
        if deployment.weight != 1 and name not in weighed:
            report.warn(
                ("deployments", name, "weight"),
                "weighs nothing: no route that has this deployment balances",
                "write `balance: weighted` or `least-busy` in the route, or leave it out",
            )
    for name, route in draft.routes.items():
        _check_route(route, ("routes", name), report)


def _check_deployment(deployment: Deployment, path: Path, draft: Draft, report: Report) -> None:
    workers = draft.server.workers
    if deployment.concurrent is None:
        if deployment.queue != DEFAULT_QUEUE:
            report.error(
                (*path, "queue"),
                "nobody ever waits here: the deployment takes any number of requests",
                "say how many with `concurrent`, or remove `queue`",
                at_key=True,
            )
    elif deployment.concurrent < workers:
        report.error(
            (*path, "concurrent"),
            f"{deployment.concurrent} cannot be shared by {workers} workers",
            f"allow {workers} at least, or set server.workers to {deployment.concurrent}",
        )
    if deployment.engine == "litellm" and deployment.load not in ("auto", "none"):
        report.error((*path, "load"), "engine litellm has no server to ask", "remove load, or use engine openai")
    if deployment.engine == "embedded" and deployment.load not in ("auto", "none"):
        report.error((*path, "load"), "engine embedded has no requests but the gateway's own", "remove load")


def _check_route(route: Route, path: Path, report: Report) -> None:
    given = [name for name, value in (("balance", route.balance != "order"), ("affinity", route.affinity)) if value]
    if given and all(len(listed) < 2 for listed in _classes(route)):
        report.warn(
            (*path, given[0]),
            "changes nothing: no class of this route has two deployments",
            f"list another one, or remove {given[0]}",
        )


def _classes(route: Route) -> tuple[tuple[str, ...], ...]:
    return (route.small, route.large, route.embeddings, route.moderations)
