"""Checks of what the gateway itself leans on: Redis, the ledger, and the number of workers."""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.config.checks.report import Draft, Report
from gateway.config.home import is_home
from router.clearance import LOCAL_ZONE, is_zone_name

_REDIS = ("redis", "rediss", "unix")
_LEDGER = ("sqlite", "postgresql", "postgres")


def check(draft: Draft, report: Report) -> None:
    _check_redis(draft, report)
    _check_ledger(draft, report)
    if draft.server.workers > 1 and not draft.redis.url.get_secret_value():
        report.error(
            ("server", "workers"),
            "more than one worker needs Redis for what they share",
            "set redis.url, or workers: 1",
        )


def _check_redis(draft: Draft, report: Report) -> None:
    if not is_zone_name(draft.redis.zone):
        report.error(("redis", "zone"), "is no zone name", "write local, cloud, or a region such as eu")
    url = draft.redis.url.get_secret_value()
    if not url:
        return
    scheme, host = _parts(url)
    if scheme not in _REDIS or (scheme != "unix" and not host):
        report.error(("redis", "url"), "is no address of a Redis", "write it like redis://127.0.0.1:6379/0")
    elif draft.redis.zone == LOCAL_ZONE and host and not is_home(host):
        report.warn(("redis", "url"), "looks public, but redis.zone is local", "name the zone where this Redis runs")


def _check_ledger(draft: Draft, report: Report) -> None:
    url = draft.ledger.url.get_secret_value()
    if not url:
        return
    scheme, host = _parts(url)
    engine = scheme.partition("+")[0]
    if engine not in _LEDGER or (engine != "sqlite" and not host):
        report.error(
            ("ledger", "url"),
            "is no address of a ledger",
            "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
        )
    elif engine == "sqlite" and (not url.partition(":///")[2].partition("?")[0] or ":memory:" in url):
        report.error(("ledger", "url"), "names no file", "a ledger must outlive the process: write sqlite:///FILE")


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host; empty where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""
