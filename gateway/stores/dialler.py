"""Dialler: makes connections to the servers of one Redis, all with the same user, database and encryption."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.config.home import is_home
from gateway.config.redis import PORT, SENTINEL_PORT, Sentinel, Tls, endpoint
from gateway.config.redis import Redis as RedisSettings
from router.clearance import LOCAL_ZONE

if TYPE_CHECKING:
    import ssl

    from redis.asyncio import ConnectionPool


_HIGHEST_PORT: Final = 65_535
_MOST_TOLD: Final = 100  # log lines about servers that are not asked
_log = logging.getLogger(__name__)


class Address(NamedTuple):
    """Of a server. One on a unix socket has port 0, and the file for a host."""

    host: str
    port: int


class Dialler:
    """Raises `ValueError` where `url` is no address of a Redis, or a certificate cannot be read."""

    def __init__(self, settings: RedisSettings) -> None:
        # Imported here: redis.asyncio takes 165 ms, and whoever has no Redis shall not pay for it.
        from redis.asyncio.connection import Connection, SSLConnection, UnixDomainSocketConnection, parse_url

        url = settings.url.get_secret_value()
        parsed: dict[str, Any] = dict(parse_url(url)) if url else {}
        path = parsed.pop("path", "")
        self.address = Address(path, 0) if path else Address(parsed.pop("host", "localhost"), parsed.pop("port", PORT))
        encrypted = parsed.pop("connection_class", None) is SSLConnection or settings.tls is not None
        if settings.username:
            parsed["username"] = settings.username
        if settings.password:
            parsed["password"] = settings.password.get_secret_value()
        if settings.database is not None:
            parsed["db"] = settings.database
        security = {name: parsed.pop(name) for name in tuple(parsed) if name.startswith("ssl_")}
        self._words = {**parsed, **_plain()}
        self._kind: type[Connection] | type[UnixDomainSocketConnection] = Connection
        if path:
            self._kind = UnixDomainSocketConnection
        elif encrypted:
            self._kind = _encrypting(_context(security, settings.tls))
        self._is_home = settings.zone == LOCAL_ZONE and not settings.trusted
        self._strangers: set[Address] = set()  # that were named, and may not be asked
        self._own = {self.address, *(Address(*endpoint(node)) for node in settings.nodes)}

    @property
    def seeds(self) -> frozenset[Address]:
        """The addresses of the settings."""
        return frozenset(self._own)

    def may_be(self, address: Address) -> bool:
        """Whether this Redis may have a server where it says. One in zone `local` has none at an address that looks
        public, unless the settings name or trust it."""
        if not 0 < address.port <= _HIGHEST_PORT:
            return False
        may = not self._is_home or address in self._own or is_home(address.host)
        if not may and address not in self._strangers and len(self._strangers) < _MOST_TOLD:
            self._strangers.add(address)
            _log.error(
                "Redis names a server that looks public, but redis.zone is local: it is not asked. Name the zone where "
                "this Redis runs, or trust it",
                extra={"server": f"{address.host}:{address.port}"},
            )
        return may

    def pool(self, address: Address) -> ConnectionPool:
        """What makes connections to a server, one after the other."""
        from redis.asyncio import ConnectionPool

        where = {"host": address.host, "port": address.port} if address.port else {"path": address.host}
        return ConnectionPool(connection_class=self._kind, **self._words, **where)

    def sentinels(self, sentinel: Sentinel) -> list[ConnectionPool]:
        """The same for those who are asked who leads."""
        from redis.asyncio import ConnectionPool

        words = _plain()
        if sentinel.username:
            words["username"] = sentinel.username
        if sentinel.password:
            words["password"] = sentinel.password.get_secret_value()
        nodes = [endpoint(node, SENTINEL_PORT) for node in sentinel.nodes]
        return [ConnectionPool(connection_class=self._kind, host=host, port=port, **words) for host, port in nodes]


def _plain() -> dict[str, Any]:
    """Time limits are those of who sends; nothing is tried again behind his back, and nothing sent that he did not."""
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return {
        "socket_timeout": None,
        "socket_connect_timeout": None,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,
    }


def _context(of_url: Mapping[str, Any], tls: Tls | None) -> ssl.SSLContext:
    """One for all connections: to read the certificates of a machine takes 20 ms."""
    from redis.asyncio.connection import SSLConnection
    from redis.exceptions import RedisError

    words = dict(of_url)
    if tls is not None:
        words["ssl_check_hostname"] = not tls.any_name
        files = {"ssl_ca_certs": tls.ca, "ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
        words.update({name: file for name, file in files.items() if file is not None})
    try:
        context: ssl.SSLContext = SSLConnection(**words).ssl_context.get()
        if tls is not None and tls.ca is not None:
            context = _only(tls, context)
    except (RedisError, OSError) as error:
        raise ValueError(f"TLS to Redis cannot be set up: {type(error).__name__}") from None
    return context


def _only(tls: Tls, read: ssl.SSLContext) -> ssl.SSLContext:
    """Where a CA is named, nobody else's signature counts; redis-py would have the machine's count as well."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = read.check_hostname
    context.minimum_version = read.minimum_version
    context.load_verify_locations(cafile=tls.ca)
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


def _encrypting(context: ssl.SSLContext) -> Any:
    from redis.asyncio.connection import Connection

    class Encrypting(Connection):
        def _connection_arguments(self) -> Mapping[str, Any]:
            return {**super()._connection_arguments(), "ssl": context}

    return Encrypting
