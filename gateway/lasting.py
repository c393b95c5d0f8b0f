"""What of a worker goes on from one configuration to the next, as long as nothing about it has changed: a reload
empties no cache, forgets no key, and breaks no connection.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Generic, NamedTuple, Protocol, TypeVar

from gateway.access.directory import Directory
from gateway.access.place import access_url
from gateway.cache.exact import ExactCache
from gateway.cache.flights import Flights
from gateway.cache.formation import Formation
from gateway.cache.key import CacheKeys
from gateway.cache.purges import Purges, longest_kept
from gateway.cache.vault import Vault
from gateway.config.cacheplans import cache_plans_of
from gateway.config.loaded import Loaded
from gateway.config.settings import GENERATED, Key, Settings
from gateway.conversations.store import ConversationStore
from gateway.learning.lessons import Lessons
from gateway.learning.place import learning_of, learning_url
from gateway.pipeline.parts import Clocks
from gateway.stores.eras import MemoryEras, eras_of
from gateway.stores.inbox import Inbox
from gateway.stores.leases import RedisLeases
from gateway.stores.memory import MemoryStore
from gateway.stores.protocol import ByteStore
from gateway.stores.redis import RedisStore
from gateway.telemetry.metrics import Metrics
from gateway.version import VERSION

T = TypeVar("T")


class Air(NamedTuple):
    """Answers that are on the way, here and at other workers; None where nothing is shared."""

    flights: Flights | None = None
    formation: Formation | None = None


class User(Protocol):
    """A generation."""

    @property
    def air(self) -> Air: ...

    @property
    def store(self) -> ByteStore | None: ...

    @property
    def purges(self) -> Purges | None: ...

    @property
    def conversations(self) -> ConversationStore | None: ...

    @property
    def lessons(self) -> Lessons | None: ...

    @property
    def directory(self) -> Directory: ...


class One(Generic[T]):
    """One thing of its kind, made from what `wanted` says. A former one may still be in use."""

    __slots__ = ("_current",)

    def __init__(self) -> None:
        self._current: tuple[object, T] | None = None

    def of(self, wanted: object, make: Callable[[], T]) -> T:
        """The same as before where `wanted` is."""
        if self._current is None or self._current[0] != wanted:
            self._current = (wanted, make())
        return self._current[1]

    def given_up(self, thing: T | None, in_use: Iterable[T | None]) -> T | None:
        """The thing, if nobody uses it any more: it is to be closed, and made anew when it is wanted again."""
        if thing is None or any(used is thing for used in in_use):
            return None
        if self._current is not None and self._current[1] is thing:
            self._current = None
        return thing


class Lasting:
    """Of one worker. Faults of its stores are counted in `metrics`."""

    def __init__(self, metrics: Metrics, clocks: Clocks) -> None:
        self._metrics = metrics
        self._clocks = clocks
        self._store: One[ByteStore] = One()
        self._air: One[Air] = One()
        self._purges: One[Purges] = One()
        self._conversations: One[ConversationStore] = One()
        self._lessons: One[Lessons] = One()
        self._directory: One[Directory] = One()

    def store(self, settings: Settings) -> ByteStore | None:
        """Where answers are cached; None: nowhere."""
        if not cache_plans_of(settings):
            return None
        redis, room = settings.redis, settings.cache.max_memory_bytes

        def make() -> ByteStore:
            if redis.is_there:
                return RedisStore(redis, self._clocks.steady, on_fault=self._redis_fault)
            return MemoryStore(room, self._clocks.steady)

        return self._store.of((redis, room), make)

    def air(self, settings: Settings, store: ByteStore | None) -> Air:
        """Where answers on their way to `store` are shared."""
        if store is None or not settings.cache.single_flight:
            return Air()

        def make() -> Air:
            flights = Flights(self._metrics.flew)
            if not isinstance(store, RedisStore):
                return Air(flights)
            link, prefix, who = store.link, settings.redis.prefix, secrets.token_hex(8)
            leases = RedisLeases(link, prefix, who)
            return Air(flights, Formation(flights, leases, lambda take: Inbox(link, prefix, who, take)))

        return self._air.of(store, make)

    def purges(self, settings: Settings, store: ByteStore | None) -> Purges | None:
        """What of `store` is not to be given again."""
        if store is None:
            return None

        def make() -> Purges:
            if isinstance(store, RedisStore):
                return Purges(eras_of(store.link, settings.redis.prefix), self._clocks.steady)
            return Purges(MemoryEras(self._clocks.wall), self._clocks.steady)

        purges = self._purges.of(store, make)
        purges.keep_for(longest_kept(cache_plans_of(settings).values()))
        return purges

    def cache(self, settings: Settings) -> ExactCache | None:
        """Over the store and the purges; None: there is none. Made anew each time, and nothing to close."""
        store = self.store(settings)
        if store is None:
            return None
        return ExactCache(
            store,
            max_entry_bytes=settings.cache.max_entry_bytes,
            clock=self._clocks.wall,
            vault=vault_of(settings),
            purges=self.purges(settings, store),
        )

    def conversations(self, loaded: Loaded) -> ConversationStore | None:
        """What `/v1/responses` keeps; None: nothing."""
        settings, url = loaded.settings.responses, conversations_url(loaded)
        if not settings.enabled:
            return None

        def make() -> ConversationStore:
            return ConversationStore(
                url,
                settings.key.get_secret_value(),
                zone=settings.zone,
                ttl=settings.ttl,
                max_bytes=settings.max_bytes,
                wall=self._clocks.wall,
                steady=self._clocks.steady,
                on_fault=self._sql_fault,
            )

        return self._conversations.of((settings, url), make)

    def lessons(self, loaded: Loaded) -> Lessons | None:
        """What is kept to learn from; None: nothing."""
        settings, url = loaded.settings.learning, learning_url(loaded)
        if not learning_of(loaded.settings):
            return None
        clocks = self._clocks
        return self._lessons.of(
            (settings, url),
            lambda: Lessons.of(settings, url, wall=clocks.wall, steady=clocks.steady, tells=self._metrics),
        )

    def directory(self, loaded: Loaded) -> Directory:
        """Keys that are made while the gateway runs."""
        access, url = loaded.settings.access, access_url(loaded)
        secret = access.secret.get_secret_value()
        return self._directory.of((access, url), lambda: Directory(url, secret, self._clocks.steady, self._sql_fault))

    async def let_go(self, user: User, others: Collection[User]) -> None:
        """Closes what a generation that is over used, and no other does."""
        if (purges := self._purges.given_up(user.purges, (other.purges for other in others))) is not None:
            await purges.close()
        air = self._air.given_up(user.air, (other.air for other in others))
        if air is not None and air.formation is not None:
            await air.formation.close()
        if (store := self._store.given_up(user.store, (other.store for other in others))) is not None:
            await store.close()
        if (
            kept := self._conversations.given_up(user.conversations, (other.conversations for other in others))
        ) is not None:
            kept.close()
        if (lessons := self._lessons.given_up(user.lessons, (other.lessons for other in others))) is not None:
            await lessons.close()
        if (keys := self._directory.given_up(user.directory, (other.directory for other in others))) is not None:
            await keys.close()

    def _redis_fault(self, kind: str) -> None:
        self._metrics.store_fault("redis", kind)

    def _sql_fault(self, kind: str) -> None:
        self._metrics.store_fault("sql", kind)


def vault_of(settings: Settings) -> Vault | None:
    """None where nothing is kept encrypted."""
    if not any(plan.keeps_sensitive for plan in cache_plans_of(settings).values()):
        return None
    secrets = (secret.get_secret_value() for secret in (settings.cache.key, *settings.cache.former_keys))
    return Vault(filter(None, secrets))


def conversations_url(loaded: Loaded) -> str:
    return loaded.database("responses.db")


def cache_keys_of(loaded: Loaded, heads: Mapping[str, str]) -> CacheKeys:
    """Of answers by this version, this configuration and these heads (names and versions)."""
    return CacheKeys(cache_secret(loaded.settings), " ".join((VERSION, loaded.version, *heads.values())))


def cache_secret(settings: Settings) -> bytes:
    """Shared by all replicas of one configuration and by nobody else: made from its virtual keys. Where it has none but
    the one that each machine generates, from what keys that are made at run time are hashed with: that replicas share.
    """
    digest = hashlib.blake2b(person=b"tidegate.cache")
    secret = settings.access.secret.get_secret_value()
    if secret and all(key.name == GENERATED for key in settings.keys):
        digest.update(secret.encode())
        return digest.digest()
    for key in sorted(settings.keys, key=lambda key: key.name):
        digest.update(f"{key.name}\0{_credential(key)}\0".encode())
    return digest.digest()


def _credential(key: Key) -> str:
    return key.key.get_secret_value() if key.key else key.hash or ""
