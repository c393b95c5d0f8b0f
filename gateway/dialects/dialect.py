"""What a dialect is: one wire format. It reads requests of its format into calls and writes results back into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.access.principal import Principal
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import GatewayError
from gateway.wire.http import Reply, Request


class Dialect(Protocol):
    @property
    def paths(self) -> Mapping[str, frozenset[str] | None]:
        """Each path that it answers for, with the methods allowed there; a path that ends in `/` stands for all below.

        None: whatever is asked there is answered at once, with neither credential nor body looked at. So is `OPTIONS`
        where it stands among the methods, with a `MethodNotAllowed`: the addresses below have methods of their own.
        """
        ...

    open_to_all: bool
    """Whether a caller without any credential is answered too, as somebody who may use nothing."""
    keyless: bool
    """Whether its clients have no key by habit: `server.anonymous` is for them."""

    def credential(self, headers: Mapping[bytes, bytes]) -> bytes | None:
        """The value of an `authorization` header, or what stands for it in this dialect."""
        ...

    async def answer(self, request: Request, pipeline: Pipeline, principal: Principal) -> Reply:
        """Raises a `GatewayError`, which `failure` turns into a reply."""
        ...

    def failure(self, error: GatewayError, request_id: str) -> Reply: ...
