"""Checks of alerts: can the addresses be told anything, and by nobody else?"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from gateway.config.alerts import LONGEST, SHORTEST, Webhook, signing_key
from gateway.config.checks.keys import is_key_name
from gateway.config.checks.report import Draft, Report
from gateway.config.home import is_home
from gateway.config.problems import Path

_MAKE_ONE = 'make one: echo "whsec_$(openssl rand -base64 32)"'


def check(draft: Draft, report: Report) -> None:
    for name, webhook in draft.webhooks.items():
        path = ("alerts", "webhooks", name)
        if not is_key_name(name):
            shown = report.document.shown(path, name)
            report.error(path, f"{shown} is no name", "letters, digits and . _ @ + -, at most 64", at_key=True)
        _check_url(webhook, (*path, "url"), report)
        _check_secret(webhook, (*path, "secret"), report)
        if not webhook.events:
            report.error((*path, "events"), "it is told of nothing", "leave it out for all")


def _check_url(webhook: Webhook, path: Path, report: Report) -> None:
    """An address is not shown: those of chat services have a password in their path."""
    url = webhook.url.get_secret_value().strip()
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not _is_host(parts.hostname) or parts.fragment:
        report.error(path, "is no address of a webhook", "write it like https://alerts.example.com/tidegate")
    elif parts.username is not None:
        report.error(path, "a name or password before the host is not sent", "put it into the path, or leave it out")
    elif parts.scheme == "http" and not is_home(parts.hostname or ""):
        report.error(path, "would be told in the clear over a public network", "write https://")


def _parts(url: str) -> SplitResult | None:
    """None for what is no URL, or cannot stand in the first lines of a request as it is."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if url.isascii() and all("!" <= character <= "~" for character in url) else None


def _is_host(name: str | None) -> bool:
    """Whether DNS can be asked for it: RFC 1035, section 2.3.4."""
    return name is not None and all(0 < len(label) < 64 for label in name.removesuffix(".").split("."))


def _check_secret(webhook: Webhook, path: Path, report: Report) -> None:
    if signing_key(webhook.secret.get_secret_value()) is None:
        report.error(path, f"is no secret: {SHORTEST} to {LONGEST} bytes in base64 after whsec_", _MAKE_ONE)
    elif not report.document.variables.get(path):
        report.warn(path, "the secret stands here in the clear", 'write "${NAME}"')
