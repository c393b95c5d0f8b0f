"""Key as it is shown: everything that is known of it but the key itself. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, Field

from gateway.access.keys import HASH_PREFIX, digest_of
from gateway.access.registry import Made
from gateway.access.stored import Status, StoredKey
from gateway.access.terms import KeyTerms, terms_in
from gateway.admin.moment import shown
from gateway.config.access import KeyPriority, Role
from gateway.config.quota import Budget, Limits
from gateway.config.settings import Key

_SHOWN_DIGITS: Final = 8  # of a hash


class SecretShown(BaseModel):
    """One of the keys that open for a name."""

    shown: str
    """How it begins; of one in the configuration, how its hash does."""
    created_at: int | None = None
    until: int | None = None
    """It was replaced: good until then."""


class KeyShown(BaseModel):
    """A key."""

    object: Literal["key"] = "key"
    name: str
    source: Literal["stored", "configuration"]
    """Those of the configuration are changed there."""
    status: Status
    secrets: list[SecretShown]
    owner: str | None
    team: str | None
    role: Role
    routes: list[str] | None
    tags: list[str]
    locality: str
    region: str | None
    limits: Limits
    budgets: dict[str, Budget]
    priority: KeyPriority
    created_at: int | None = None
    created_by: str | None = None
    """The name of the key that made it."""
    expires_at: int | None = None
    revoked_at: int | None = None

    @classmethod
    def of(cls, stored: StoredKey, now: float, **more: Any) -> Self:
        secrets = [
            SecretShown(shown=one.shown, created_at=int(one.made_at), until=shown(one.until))
            for one in stored.secrets
            if one.until is None or one.until > now
        ]
        return cls(
            name=stored.name,
            source="stored",
            status=stored.status(now),
            secrets=secrets,
            created_at=int(stored.made_at),
            created_by=stored.made_by,
            expires_at=shown(stored.expires_at),
            revoked_at=shown(stored.revoked_at),
            **_terms(stored.terms),
            **more,
        )

    @classmethod
    def of_configured(cls, key: Key) -> Self:
        secret = SecretShown(shown=f"{HASH_PREFIX}{digest_of(key).hex()[:_SHOWN_DIGITS]}…")
        return cls(
            name=key.name,
            source="configuration",
            status="active",
            secrets=[secret],
            **_terms(terms_in(key, KeyTerms)),
        )


class KeyMade(KeyShown):
    """A key that has just been made."""

    key: Annotated[str, Field(repr=False)]
    """The key itself. It is shown this once, and kept nowhere."""

    @classmethod
    def made(cls, made: Made, now: float) -> Self:
        return cls.of(made.key, now, key=made.secret)


def _terms(terms: KeyTerms) -> dict[str, Any]:
    return {own.name: getattr(terms, own.name) for own in fields(terms)}
