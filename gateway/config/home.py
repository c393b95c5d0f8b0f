"""Home: whether an address can be one's own. A deployment in zone `local` must have one, for a zone is a claim.

Judged by name alone, without asking DNS: what is not plainly at home needs `trusted: true`.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",  # loopback, RFC 1122
        "0.0.0.0/32",  # this host, RFC 1122
        "10.0.0.0/8",  # private, RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",  # link-local, RFC 3927
        "::1/128",  # loopback, RFC 4291
        "::/128",  # this host
        "fc00::/7",  # unique local, RFC 4193
        "fe80::/10",  # link-local, RFC 4291
    )
)
_SUFFIXES = (
    ".localhost",  # RFC 6761
    ".local",  # multicast DNS, RFC 6762; also Kubernetes' cluster.local
    ".internal",  # reserved by ICANN in 2024; also host.docker.internal
    ".home.arpa",  # RFC 8375
    ".lan",
    ".svc",
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_NUMBER = re.compile(r"(\d+|0x[0-9a-f]*)\Z")  # a host that ends so is an IPv4 address, however odd: WHATWG URL, 3.5


def is_home(host: str) -> bool:
    """Whether `host` is an address of this machine or a private network, or a name that can only be found in one."""
    name = host.strip("[]").partition("%")[0].removesuffix(".").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _is_home_name(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in _NETWORKS)


def machine_of(base_url: str | None) -> str:
    """The host that serves there; all addresses of this machine are `localhost`, and so is a model that is embedded."""
    host = (urlsplit(base_url or "").hostname or "localhost").lower().removesuffix(".")
    try:
        return "localhost" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host


def _is_home_name(name: str) -> bool:
    labels = name.split(".")
    if not all(_LABEL.match(label) for label in labels) or _NUMBER.match(labels[-1]):
        return False
    return len(labels) == 1 or name.endswith(_SUFFIXES)
