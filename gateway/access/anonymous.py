"""Anonymous: who is served without a key — programs on this machine, on the routes that `server.anonymous` names.

Clients of Ollama have no key by habit. What listens on a loopback address can still be reached by others: through a
proxy or tunnel that runs here, and by any page that is open in a browser here, directly or with a name that was made to
point here (DNS rebinding). So a loopback peer is not enough: nothing may say that the request was passed on or comes
from a page, and it must have been meant for this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.access.principal import Principal
from gateway.config.rulebook import EMPTY as NO_RULES
from gateway.config.rulebook import Rulebook
from gateway.config.settings import ANONYMOUS
from router.asker import Asker
from router.clearance import LOCAL

_PASSED_ON = frozenset(
    {
        b"forwarded",  # RFC 7239
        b"via",  # RFC 9110, section 7.6.3
        b"client-ip",
        b"true-client-ip",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-original-forwarded-for",
        b"x-original-host",
        b"x-real-ip",
        b"cf-connecting-ip",
        b"cf-ray",
        b"cdn-loop",  # RFC 8586
        b"fastly-client-ip",
        b"fly-client-ip",
        b"x-envoy-external-address",
    }
)
_OF_PROXIES = "1.0"  # programs have done without for decades; nginx asks so unless told otherwise, and hides the rest
_OWN_PAGES = frozenset(
    {b"same-origin", b"none"}
)  # of `sec-fetch-site`: a page of this address, or a person's own doing


def anonymous(routes: Sequence[str], rulebook: Rulebook = NO_RULES) -> Principal | None:
    """Somebody without a key. Whatever they ask stays at home, whichever deployments a route has."""
    if not routes:
        return None
    asker = Asker(ANONYMOUS, region=rulebook.region or "")
    return Principal(ANONYMOUS, None, frozenset(routes), LOCAL, has_key=False, asker=asker, mark=rulebook.mark(asker))


def is_from_here(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request comes from a program on this machine. `scope` is ASGI's."""
    client = scope.get("client")  # address and port; None where there is no telling
    if not client or not is_loopback(client[0]) or scope.get("http_version") == _OF_PROXIES:
        return False
    if b"origin" in headers or headers.get(b"sec-fetch-site", b"none") not in _OWN_PAGES:
        return False
    if any(name in _PASSED_ON or name.startswith(b"x-forwarded") for name in headers):
        return False
    host = _host_of(headers.get(b"host", b"").decode("latin-1"))
    return host == "localhost" or host.endswith(".localhost") or is_loopback(host)  # RFC 6761, section 6.3


def is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


def _host_of(authority: str) -> str:
    """The host of a `host` header, without its port; empty where it is none, or several."""
    if authority.startswith("["):
        host, bracket, port = authority[1:].partition("]")
        return host if bracket and (not port or port[1:].isdigit()) else ""
    host, colon, port = authority.partition(":")
    return host.lower().removesuffix(".") if not colon or port.isdigit() else ""
