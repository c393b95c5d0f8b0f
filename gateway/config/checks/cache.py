"""Checks of the cache: is there a key for what is to be encrypted, and is nothing sensitive to be shared?"""

from __future__ import annotations

from gateway.config.cacheplans import plan_of
from gateway.config.checks.report import Draft, Report
from gateway.config.checks.stores import SHORT_KEY_REMEDY, check_secret
from gateway.config.problems import Path

_SCOPE_REMEDY = "write scope: key, or leave `sensitive` out"


def check(draft: Draft, report: Report) -> None:
    cache = draft.cache
    check_secret(cache.key, ("cache", "key"), report)
    for number, former in enumerate(cache.former_keys):
        check_secret(former, ("cache", "former_keys", number), report)
    if cache.former_keys and not cache.key.get_secret_value():
        report.error(("cache", "former_keys"), "come before a `key`, and there is none", "name the present one too")
    if cache.sensitive == "encrypted" and cache.scope != "key":
        _refuse_shared(("cache", "sensitive"), cache.scope, report)
    for name, route in draft.routes.items():
        scope = cache.scope if route.cache.scope is None else route.cache.scope
        if route.cache.sensitive == "encrypted" and scope != "key":
            _refuse_shared(("routes", name, "cache", "sensitive"), scope, report)
    _check_key(draft, report)


def _refuse_shared(path: Path, scope: str, report: Report) -> None:
    report.error(path, f"sensitive answers are never shared, and the scope is {scope}", _SCOPE_REMEDY)


def _check_key(draft: Draft, report: Report) -> None:
    """Whoever keeps something encrypted needs a key."""
    if draft.cache.key.get_secret_value():
        return
    path: Path | None = ("cache", "sensitive") if draft.cache.sensitive == "encrypted" else None
    for name, route in draft.routes.items():
        plan = plan_of(draft.cache, route.cache)
        if path is None and plan is not None and plan.keeps_sensitive:
            path = ("routes", name, "cache", "sensitive")
    if path is not None:
        report.error(
            path, "there is no key to encrypt with", f"set cache.key from the environment; make one: {SHORT_KEY_REMEDY}"
        )
