"""Redis: the settings of what several workers and replicas share, and of the ways in which it may be served.

One server, a leader that Sentinel names, or a Cluster; each in the clear or with TLS.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from gateway.config.kinds import Secret, Within
from gateway.config.strict import Strict

PORT = 6379  # of a server whose address names none
SENTINEL_PORT = 26379
_UNSET = Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls(Strict):
    """How connections are encrypted. `{}` is enough where a public CA has signed. Files are PEM; a relative one stands
    beside the configuration."""

    ca: str | None = None
    """The certificates of who may have signed the server's. Left out: those that this machine trusts."""
    certificate: str | None = None
    """The gateway's own, where the server asks for one."""
    key: str | None = None
    """Its private key. Left out: it stands in the file of the certificate."""
    any_name: bool = False
    """Accept a certificate that is for another name, as long as `ca` signed it: for a Cluster whose nodes announce
    addresses that are not in their certificates."""

    def beside(self, directory: Path) -> Self:
        """The same, with files that can be opened from anywhere."""
        ca, certificate, key = (_beside(directory, file) for file in (self.ca, self.certificate, self.key))
        return replace(self, ca=ca, certificate=certificate, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel(Strict):
    """Who is asked which server leads."""

    service: str
    """What the Sentinels call the leader and its replicas."""
    nodes: tuple[str, ...]
    """The Sentinels, as `host` or `host:port`; several, so that one may be missing. Port 26379 where none is named."""
    username: str | None = None
    """As whom to ask them, where they want to know."""
    password: Secret | None = None
    """And with what password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redis(Strict):
    """Shared state of several workers and replicas. Without `url` or `sentinel` it is in the memory of one worker."""

    url: Secret = _UNSET
    """Such as `redis://127.0.0.1:6379/0`, or `rediss://` with TLS. Left out with `sentinel`."""
    zone: str = "local"
    """Where this Redis runs. An answer is cached in it only if its clearance permits the zone."""
    trusted: bool = False
    """Accept addresses that look public in zone `local`: you vouch that they are yours."""
    timeout: Annotated[float, Within(gt=0, le=86_400)] = 0.08
    """What a slow or frozen Redis may cost one step of a request, in seconds."""
    prefix: str = "tidegate"
    """What the names of all its entries begin with."""
    username: str | None = None
    """As whom to use it (ACL); may stand in `url` instead."""
    password: Secret | None = None
    """The password; may stand in `url` instead. Take it from the environment."""
    database: Annotated[int, Within(ge=0, le=1_000_000)] | None = None
    """The number of the database; may stand in `url` instead. A Cluster has only 0."""
    tls: Tls | None = None
    """How connections are encrypted, with `rediss://` or Sentinel."""
    sentinel: Sentinel | None = None
    """Ask Sentinels who leads, in place of `url`, and follow when another does."""
    cluster: bool = False
    """What `url` leads to is a node of a Cluster: the others are learned from it."""
    nodes: tuple[str, ...] = ()
    """Further nodes of the Cluster, as `host` or `host:port`, for when the one of `url` is down at the start."""

    @property
    def is_there(self) -> bool:
        """Whether anything is shared."""
        return bool(self.url.get_secret_value()) or self.sentinel is not None

    def beside(self, directory: Path) -> Self:
        """The same, with files that can be opened from anywhere."""
        return self if self.tls is None else replace(self, tls=self.tls.beside(directory))


def _beside(directory: Path, file: str | None) -> str | None:
    return None if file is None else str(directory / Path(file).expanduser())


def endpoint(address: str, port: int = PORT) -> tuple[str, int]:
    """Host and port of `host`, `host:port` or `[IPv6]:port`. Raises `ValueError` where it is none of them."""
    parts = urlsplit(f"//{address}")
    if not parts.hostname or parts.netloc != address or "@" in address or not address.isascii():
        raise ValueError("no address of a server")
    return parts.hostname, parts.port or port
