"""Checks of deployments: can each be called as it stands, and is its zone believable?"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from gateway.config.checks.report import Draft, Report
from gateway.config.home import is_home
from gateway.config.problems import Path
from gateway.config.settings import Deployment
from router.clearance import LOCAL_ZONE, is_zone_name

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")  # goes into headers, metric labels and file names
_PROVIDER_MODEL = re.compile(r"[a-z0-9][a-z0-9_.-]*/\S+\Z")


def check(draft: Draft, report: Report) -> None:
    if not draft.declared:
        report.error(("deployments",), "there is no deployment", "add one", at_key=True)
    for name, deployment in draft.deployments.items():
        path = ("deployments", name)
        if not _NAME.match(name):
            report.error(
                path,
                f"'{name}' is no name for a deployment",
                "letters, digits, '.', '_' and '-', at most 64",
                at_key=True,
            )
        if not is_zone_name(deployment.zone):
            shown = report.document.shown((*path, "zone"), deployment.zone)
            report.error((*path, "zone"), f"{shown} is no zone name", "write local, cloud, or a region such as eu")
        _ENGINES[deployment.engine](deployment, path, report)
        if deployment.asleep:
            variables = report.document.variables.get((*path, "api_key"), ())
            remedy = f"set {' and '.join(variables)} to use it" if variables else "give it an api_key to use it"
            report.warn(path, "left out, it is optional and has no key", remedy)


def _check_openai(deployment: Deployment, path: Path, report: Report) -> None:
    if deployment.base_url is None:
        report.error(
            (*path, "base_url"), "is missing", "engine openai needs an address such as http://127.0.0.1:8000/v1"
        )
    else:
        _check_address(deployment, path, report)
    _check_model_at_home(deployment, path, report)


def _check_litellm(deployment: Deployment, path: Path, report: Report) -> None:
    if not _PROVIDER_MODEL.match(deployment.model):
        shown = report.document.shown((*path, "model"), deployment.model)
        report.error(
            (*path, "model"), f"{shown} names no provider", "write provider/model, such as anthropic/claude-sonnet-5-5"
        )
    if deployment.completions:
        report.error((*path, "completions"), "engine litellm serves chat and embeddings only", "use engine openai")
    if deployment.zone == LOCAL_ZONE:
        report.error(
            (*path, "zone"),
            "litellm opens connections of its own, so it cannot be held to zone local",
            "use engine openai for a server at home, or name the zone where the provider runs",
        )
    elif deployment.base_url is not None:
        _check_address(deployment, path, report)


def _check_embedded(deployment: Deployment, path: Path, report: Report) -> None:
    if deployment.zone != LOCAL_ZONE:
        report.error((*path, "zone"), "engine embedded runs in this machine", "write zone: local")
    for name, value in (("base_url", deployment.base_url), ("api_key", deployment.api_key)):
        if value is not None:
            report.error(
                (*path, name), "engine embedded has its own", f"remove {name}, or use engine openai", at_key=True
            )
    if deployment.if_running:
        report.error((*path, "if_running"), "engine embedded always runs", "remove if_running", at_key=True)


_ENGINES = {"openai": _check_openai, "litellm": _check_litellm, "embedded": _check_embedded}


def _check_address(deployment: Deployment, path: Path, report: Report) -> None:
    path = (*path, "base_url")
    shown = report.document.shown(path, deployment.base_url or "")
    url = _split(deployment.base_url or "")
    if url is not None and (url.username is not None or url.password is not None):
        report.error(path, "holds credentials", "put the key into api_key")
    elif url is None or url.scheme not in ("http", "https") or not url.hostname:
        report.error(path, f"{shown} is no http or https address", "write it like http://127.0.0.1:8000/v1")
    elif url.query or url.fragment:
        report.error(path, f"{shown} holds a query or a fragment", "write the address up to and with /v1")
    elif deployment.zone == LOCAL_ZONE and not deployment.trusted and not is_home(url.hostname):
        report.error(
            path,
            f"{shown} looks public, but the zone is local",
            "name the zone where it runs, or write trusted: true if the machine is yours",
        )


def _split(base_url: str) -> SplitResult | None:
    """The address in parts; None if it is none."""
    try:
        url = urlsplit(base_url)
        if url.port == 0 or any(character.isspace() for character in base_url):
            return None
    except ValueError:
        return None
    return url


def _check_model_at_home(deployment: Deployment, path: Path, report: Report) -> None:
    """Ollama runs models whose tag is `cloud` or ends in `-cloud` on its maker's machines, behind a local address."""
    _, colon, tag = deployment.model.lower().rpartition(":")
    if deployment.zone == LOCAL_ZONE and colon and (tag == "cloud" or tag.endswith("-cloud")):
        shown = report.document.shown((*path, "model"), deployment.model)
        report.error((*path, "model"), f"{shown} runs in Ollama's cloud, but the zone is local", "write zone: cloud")
