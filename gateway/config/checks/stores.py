"""Checks of what the gateway itself leans on: the ledger, the audit, stored responses, how many workers."""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.config.books import Ledger
from gateway.config.checks.report import Draft, Report
from gateway.config.home import is_home
from gateway.config.kinds import Secret
from gateway.config.problems import Path
from router.clearance import LOCAL_ZONE, is_zone_name

_LEDGER = ("sqlite", "postgresql", "postgres")
SPOOL_BYTES_A_WORKER = 33_554_432  # the file in use, one that waits its turn, and those of a worker that died
SHORT_KEY = 32  # characters; of hexadecimal ones, 128 bits
SHORT_KEY_REMEDY = "openssl rand -hex 32"


def check(draft: Draft, report: Report) -> None:
    _check_ledger(draft, report)
    _check_audit(draft, report)
    _check_access(draft, report)
    _check_responses(draft, report)
    if draft.server.workers > 1 and not draft.redis.is_there:
        report.error(
            ("server", "workers"),
            "more than one worker needs Redis for what they share",
            "set redis.url, or workers: 1",
        )
    if draft.server.reuse_port and not draft.redis.is_there:
        report.error(
            ("server", "reuse_port"),
            "two gateways at one port need Redis for what they share: each would count limits and budgets by itself",
            "set redis.url, or reuse_port: false",
        )


def _check_ledger(draft: Draft, report: Report) -> None:
    _check_spool(draft, report)
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


def _check_spool(draft: Draft, report: Report) -> None:
    """What is in the ledger already counts until its file is gone, so there has to be room for more than that."""
    least = SPOOL_BYTES_A_WORKER * draft.server.workers
    if draft.ledger.when_full == "refuse" and draft.ledger.spool_max_bytes < least:
        report.error(
            ("ledger", "spool_max_bytes"),
            f"is too small for {draft.server.workers} workers: each keeps a file of up to 8 MiB also while all is well",
            f"write {least} or more",
        )


def _check_audit(draft: Draft, report: Report) -> None:
    check_secret(draft.audit.key, ("audit", "key"), report)


def _check_access(draft: Draft, report: Report) -> None:
    check_secret(draft.access.secret, ("access", "secret"), report)


def check_secret(secret: Secret, path: Path, report: Report) -> None:
    """Whether it is long enough, and comes from the environment."""
    key = secret.get_secret_value()
    if key and len(key) < SHORT_KEY:
        report.error(path, f"is shorter than {SHORT_KEY} characters", f"make one: {SHORT_KEY_REMEDY}")
    elif key and not report.document.variables.get(path):
        report.warn(path, "the key stands here in the clear", 'write "${NAME}"')


def _check_responses(draft: Draft, report: Report) -> None:
    responses, path = draft.responses, ("responses", "key")
    if not is_zone_name(responses.zone):
        report.error(("responses", "zone"), "is no zone name", "write local, cloud, or a region such as eu")
    if not responses.enabled:
        return
    key = responses.key.get_secret_value()
    host = database_host(draft.ledger)
    on_server = host is not None
    if key and len(key) < SHORT_KEY:
        report.error(path, f"is shorter than {SHORT_KEY} characters", f"make one: {SHORT_KEY_REMEDY}")
    elif key and not report.document.variables.get(path):
        report.warn(path, "the key stands here in the clear", 'write "${NAME}"')
    elif not key and on_server:
        report.warn(
            ("responses",),
            "replicas that share the PostgreSQL cannot read each other's stored responses: each makes its own key",
            f"set responses.key to the same everywhere ({SHORT_KEY_REMEDY})",
        )
    if on_server and responses.zone == LOCAL_ZONE and host and not is_home(host):
        report.warn(
            ("responses", "zone"),
            "stored responses go where ledger.url points to, which looks public, but responses.zone is local",
            "name the zone where that PostgreSQL runs",
        )


def database_host(ledger: Ledger) -> str | None:
    """The host of the server where the ledger's database is; empty for one without a name, None for a file."""
    scheme, host = _parts(ledger.url.get_secret_value())
    return host if scheme and scheme.partition("+")[0] != "sqlite" else None


def _parts(url: str) -> tuple[str, str]:
    """Scheme and host; empty where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""
