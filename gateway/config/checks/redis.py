"""Checks of Redis: is it clear where it is, how it is served, and can what it takes to connect be read?"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from gateway.config.checks.report import Draft, Report
from gateway.config.home import is_home
from gateway.config.problems import Path
from gateway.config.redis import PORT, SENTINEL_PORT, Redis, Tls, endpoint
from router.clearance import LOCAL_ZONE, is_zone_name

_SCHEMES = ("redis", "rediss", "unix")
_URL: Path = ("redis", "url")
_PUBLIC = "looks public, but redis.zone is local"
_PUBLIC_REMEDY = "name the zone where this Redis runs, or write trusted: true"


def check(draft: Draft, report: Report) -> None:
    redis = draft.redis
    if not is_zone_name(redis.zone):
        report.error(("redis", "zone"), "is no zone name", "write local, cloud, or a region such as eu")
    parts = _check_url(redis, report)
    _check_ways(redis, parts, report)
    _check_nodes(redis, report)
    _check_access(redis, parts, report)
    if redis.tls is not None:
        _check_tls(redis.tls, parts, report)


def check_files(redis: Redis, report: Report) -> None:
    """Whether the files of `redis.tls` are what they should be; they are named as `Redis.beside` has them."""
    tls = redis.tls
    if tls is None or not (tls.ca or tls.certificate):
        return
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if tls.ca:
        try:
            context.load_verify_locations(cafile=tls.ca)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            report.error(("redis", "tls", "ca"), "cannot be read as certificates", "name a PEM file")
    if tls.certificate:
        try:
            context.load_cert_chain(tls.certificate, tls.key, password="")
        except (OSError, ValueError):
            remedy = "name PEM files; the key must be the certificate's, without a password"
            report.error(("redis", "tls", "certificate"), "cannot be read with its key", remedy)


def _check_url(redis: Redis, report: Report) -> SplitResult | None:
    """None where there is none, or it is not one."""
    url = redis.url.get_secret_value()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in _SCHEMES or (parts.scheme != "unix" and not parts.hostname):
        report.error(_URL, "is no address of a Redis", "write it like redis://127.0.0.1:6379/0")
        return None
    host = parts.hostname
    if host and _is_astray(redis, host):
        report.warn(_URL, _PUBLIC, _PUBLIC_REMEDY)
    return parts


def _is_astray(redis: Redis, host: str) -> bool:
    return redis.zone == LOCAL_ZONE and not redis.trusted and not is_home(host)


def _check_ways(redis: Redis, parts: SplitResult | None, report: Report) -> None:
    """Each way excludes the others."""
    path: Path = ("redis", "sentinel")
    if redis.sentinel is not None and redis.url.get_secret_value():
        remedy = "leave redis.url out: username, password, database and tls stand beside it"
        report.error(path, "says who leads, and so does redis.url", remedy)
    if redis.sentinel is not None and redis.cluster:
        report.error(path, "knows no Cluster: that has its own way to choose a leader", "keep one of the two")
    if redis.cluster and redis.sentinel is None and not redis.url.get_secret_value():
        report.error(("redis", "cluster"), "has no address", "name one of its nodes in redis.url")
    if redis.cluster and parts is not None and parts.scheme == "unix":
        report.error(_URL, "of a Cluster must be one that other nodes have too", "write redis://HOST:PORT")
    if redis.cluster and (redis.database or (parts is not None and _names_a_database(parts))):
        path = ("redis", "database") if redis.database else _URL
        report.error(path, "a Cluster has only the database 0", "leave the number out")
    if redis.nodes and not redis.cluster:
        report.error(("redis", "nodes"), "are those of a Cluster", "write cluster: true, or leave them out")


def _names_a_database(parts: SplitResult) -> bool:
    return parts.scheme != "unix" and parts.path.strip("/") not in ("", "0")


def _check_nodes(redis: Redis, report: Report) -> None:
    listed: list[tuple[Path, tuple[str, ...], int]] = [(("redis", "nodes"), redis.nodes, PORT)]
    if redis.sentinel is not None:
        path: Path = ("redis", "sentinel", "nodes")
        listed.append((path, redis.sentinel.nodes, SENTINEL_PORT))
        if not redis.sentinel.nodes:
            report.error(path, "nobody is named who could be asked", "write [HOST:26379, HOST:26379, HOST:26379]")
        if not redis.sentinel.service:
            report.error(("redis", "sentinel", "service"), "is empty", "name it as in `sentinel monitor NAME …`")
    for path, nodes, port in listed:
        for index, node in enumerate(nodes):
            _check_node(redis, node, port, (*path, index), report)


def _check_node(redis: Redis, node: str, port: int, path: Path, report: Report) -> None:
    try:
        host, _ = endpoint(node, port)
    except ValueError:
        report.error(path, f"{report.document.shown(path, node)} is no address", f"write it like 10.0.0.7:{port}")
        return
    if _is_astray(redis, host):
        report.warn(path, _PUBLIC, _PUBLIC_REMEDY)


def _check_access(redis: Redis, parts: SplitResult | None, report: Report) -> None:
    in_url = (parts.username, parts.password) if parts is not None else (None, None)
    for name, beside, inside in zip(("username", "password"), (redis.username, redis.password), in_url, strict=True):
        if beside and inside:
            report.error(("redis", name), f"redis.url has a {name} too", "keep one of the two")
    if redis.username and not redis.password:
        report.error(("redis", "username"), "has no password", "set redis.password")
    secrets: list[Path] = [("redis", "password")] if redis.password is not None else []
    if redis.sentinel is not None and redis.sentinel.password is not None:
        secrets.append(("redis", "sentinel", "password"))
    for path in secrets:
        if not report.document.variables.get(path):
            report.warn(path, "the password stands here in the clear", 'write "${NAME}"')


def _check_tls(tls: Tls, parts: SplitResult | None, report: Report) -> None:
    path: Path = ("redis", "tls")
    if parts is not None and parts.scheme != "rediss":
        report.error(path, "redis.url is one without TLS", "write rediss://, or leave tls out")
    if tls.key is not None and tls.certificate is None:
        report.error((*path, "key"), "is the key of no certificate", "name the certificate too")
    if tls.any_name and tls.ca is None:
        remedy = "name the CA that signs the certificates of this Redis and of nothing else"
        report.error((*path, "any_name"), "lets everybody pass whom a public CA has signed", remedy)
