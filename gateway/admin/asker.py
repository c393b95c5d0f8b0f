"""Asker: who asks the administration, and whether their role is enough. Endpoints say it as the type of a parameter:

    @ROUTER.get("/things")
    async def things(office: InOffice, asker: Viewer, paging: Paging) -> Page[Thing]: ...

The door (`gateway/probes.py`) has authenticated them: nobody without a key gets as far as here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from gateway.access.principal import Principal
from gateway.admin.office import Office
from gateway.config.access import RANKS, Role
from gateway.wire.errors import Forbidden


def _at_least(role: Role) -> Callable[[Request], Principal]:
    def asker(request: Request) -> Principal:
        principal = cast(Principal, request.state.principal)
        if RANKS[principal.role] < RANKS[role]:
            raise Forbidden(f"This needs a key with the role {role}; yours has the role {principal.role}.")
        return principal

    return asker


def _office(request: Request) -> Office:
    return cast(Office, request.app.state.office)


Caller = Annotated[Principal, Depends(_at_least("caller"))]
Viewer = Annotated[Principal, Depends(_at_least("viewer"))]
Auditor = Annotated[Principal, Depends(_at_least("auditor"))]
Admin = Annotated[Principal, Depends(_at_least("admin"))]
InOffice = Annotated[Office, Depends(_office)]
