"""Checks of origins: a browser compares them letter by letter, so one that it never sends lets nobody in."""

from __future__ import annotations

import re

from gateway.config.checks.report import Draft, Report

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@A-Z]+\Z")  # of pages, and of apps: tauri://localhost


def check(draft: Draft, report: Report) -> None:
    for index, origin in enumerate(draft.server.cors.origins):
        if origin != "*" and not _ORIGIN.match(origin):
            path = ("server", "cors", "origins", index)
            shown = report.document.shown(path, origin)
            report.error(path, f"{shown} is no origin", "write it like https://chat.example.com, without a path")
