"""Registering: how endpoints change keys and teams. In a thread, by the rules in force, under the name of the asker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from gateway.access.changes import Hand
from gateway.access.principal import Principal
from gateway.access.registry import Registry
from gateway.access.store import AccessStore
from gateway.access.terms import Terms, written
from gateway.admin.office import Office
from gateway.config.problems import dotted
from gateway.config.shape import settings_of
from gateway.wire.errors import BadRequest

_R = TypeVar("_R")


async def register(office: Office, asker: Principal, work: Callable[[Registry, Hand], _R]) -> _R:
    """What `work` returns. In force in this worker afterwards, in all others within two seconds."""
    serving = office.current()
    settings, directory, now = serving.loaded.settings, serving.directory, office.clock()

    def done(store: AccessStore, gave_up: Callable[[], bool]) -> _R:
        return work(Registry(store, settings, directory.keyed_hash), Hand(asker.name, now, gave_up))

    return await directory.change(done)


def merged(terms: Terms, changes: dict[str, Any]) -> Terms:
    """`terms` with these changes; null is as if it had never been said. Raises `BadRequest`."""
    try:
        return settings_of(type(terms), {**orjson.loads(written(terms)), **changes})
    except ValidationError as error:
        detail = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = dotted(detail["loc"])
        raise BadRequest(f"`{field}`: {detail['msg']}.", param=field, code="invalid_value") from None
