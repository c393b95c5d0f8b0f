"""Checks of virtual keys: is each one usable, and is it one?"""

from __future__ import annotations

import hashlib
import re

from gateway.config.checks.policy import check_clearance, check_policy, check_region
from gateway.config.checks.report import Draft, Report
from gateway.config.checks.routing import check_tags
from gateway.config.kinds import Secret
from gateway.config.problems import Path
from gateway.config.settings import GENERATED, Key
from gateway.config.shape import nearest
from router.occasion import MOST_TAGS

SHORT_KEY = 16  # random letters and digits: 95 bits; what is shorter was likely made by hand and can be guessed
NAME = "[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}"
_NAME = re.compile(rf"{NAME}\Z")
_HASH = re.compile(r"sha256:[0-9a-f]{64}\Z")


def is_key_name(text: str) -> bool:
    """Whether a key or a team may be called so: it goes into logs, metric labels and reports."""
    return _NAME.match(text) is not None


def check(draft: Draft, report: Report) -> None:
    names: dict[str, int] = {}
    digests: dict[str, int] = {}
    for index, key in draft.keys.items():
        path = ("keys", index)
        _check_names(key, path, report)
        if key.name == GENERATED:
            report.error((*path, "name"), f"'{GENERATED}' is the name of the key that `serve` makes", "choose another")
        if key.name in names:
            shown = report.document.shown((*path, "name"), key.name)
            report.error((*path, "name"), f"{shown} is the name of two keys", "rename one")
        names.setdefault(key.name, index)
        digest = _check_value(key, path, report)
        first = index if digest is None else digests.setdefault(digest, index)
        if draft.keys[first].name != key.name:
            shown = report.document.shown(("keys", first, "name"), draft.keys[first].name)
            report.error(path, f"this is the same key as that of {shown}", "make another: tidegate keys new --yaml")
        check_clearance(key.locality, (*path, "locality"), draft, report)
        check_region(key.region, path, report)
        check_policy(key.policy, (*path, "policy"), draft, report)
        check_tags(key.tags, path, report)
        if len(key.tags) > MOST_TAGS:
            report.error((*path, "tags"), f"are more than {MOST_TAGS}", "keep those that something asks for")
        for number, route in enumerate(key.routes or ()):
            if route not in draft.route_names:
                here = (*path, "routes", number)
                shown = report.document.shown(here, route)
                report.error(here, f"there is no route {shown}", nearest(route, draft.route_names))


def _check_names(key: Key, path: Path, report: Report) -> None:
    for field, value in (("name", key.name), ("team", key.team)):
        if value is not None and not is_key_name(value):
            shown = report.document.shown((*path, field), value)
            report.error((*path, field), f"{shown} is no name", "letters, digits and . _ @ + -, at most 64")


def _check_value(key: Key, path: Path, report: Report) -> str | None:
    """Returns the SHA-256 of the key, in hex, if it is one."""
    document = report.document
    if document.values.get((*path, "key")) and key.key is None:
        variables = document.variables.get((*path, "key"), ())
        remedy = f"set {' and '.join(variables)}" if variables else 'write "${NAME}", and the key into that variable'
        report.error((*path, "key"), "is empty", remedy)
        return None
    if (key.key is None) == (key.hash is None):
        report.error(path, "needs exactly one of key and hash", "make one: tidegate keys new --yaml")
        return None
    if key.hash is not None:
        if _HASH.match(key.hash):
            return key.hash.removeprefix("sha256:")
        report.error(
            (*path, "hash"), "is no hash", "it is sha256: and 64 hex digits, as tidegate keys new --yaml prints it"
        )
        return None
    return _check_plain(key.key or Secret(""), path, report)


def _check_plain(key: Secret, path: Path, report: Report) -> str | None:
    value = key.get_secret_value().strip()
    if not value or not value.isascii() or any(character <= " " for character in value):
        report.error((*path, "key"), "has characters that no header can carry", "use letters and digits")
        return None
    if not report.document.variables.get((*path, "key")):
        report.warn((*path, "key"), "the key stands here in the clear", 'write "${NAME}", or its hash')
    if len(value) < SHORT_KEY:
        report.warn(
            (*path, "key"), f"the key is shorter than {SHORT_KEY} characters", "make one: tidegate keys new --yaml"
        )
    return hashlib.sha256(value.encode()).hexdigest()
