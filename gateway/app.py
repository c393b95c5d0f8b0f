"""The composition root: the only place that knows every part. Builds a generation from a snapshot, and the application.

What outlives a configuration (metrics, journal, scanner, difficulty model, caches) is shared; the rest is built anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from gateway.access.directory import Directory
from gateway.access.keys import Keyring
from gateway.access.patience import Patience
from gateway.accounting.abandoned import Abandoned
from gateway.accounting.journal import Journal
from gateway.accounting.journals import Journals
from gateway.accounting.machineroom import MachineRoom
from gateway.accounting.prices import Catalogue, PriceBook
from gateway.accounting.spool import spool_of
from gateway.admin.archive import Archive
from gateway.admin.office import Office
from gateway.admission import Admission
from gateway.alerts.alerts import Alerts
from gateway.asgi import DataPlane
from gateway.cache.purges import Purges
from gateway.config.cacheplans import cache_plans_of
from gateway.config.loaded import Loaded
from gateway.config.routebook import tags_named
from gateway.config.routeplans import others_of, plan_of, reference_of
from gateway.config.rulebook import Rulebook, rules_of
from gateway.config.settings import Deployment
from gateway.config.snapshot import Snapshot
from gateway.config.specialising import Specialising
from gateway.conversations.store import ConversationStore
from gateway.cors import Cors, cors_of
from gateway.detection.scanners import Scanners
from gateway.dialects.anthropic.messages import AnthropicMessages
from gateway.dialects.dialect import Dialect
from gateway.dialects.feedback import FeedbackDialect
from gateway.dialects.ollama.embeddings import OllamaEmbeddings
from gateway.dialects.ollama.heartbeat import OllamaHeartbeat
from gateway.dialects.ollama.inference import OllamaInference
from gateway.dialects.ollama.management import OllamaManagement
from gateway.dialects.ollama.models import OllamaModels
from gateway.dialects.openai_chat import OpenAIChat
from gateway.dialects.openai_completions import OpenAICompletions
from gateway.dialects.openai_embeddings import OpenAIEmbeddings
from gateway.dialects.openai_models import OpenAIModels
from gateway.dialects.openai_moderations import OpenAIModerations
from gateway.dialects.openai_responses import OpenAIResponses
from gateway.dialects.openai_unserved import OpenAIUnserved
from gateway.dials.controllers import Controllers
from gateway.dials.dials import DialsByRoute, dials_of, report
from gateway.difficulty.estimators import Configured, Estimators
from gateway.egress.checkup import Checkups
from gateway.egress.engine import Engine
from gateway.egress.fleet import FleetHealth
from gateway.egress.guard import Guard
from gateway.egress.litellm_engine import LiteLLMEngine
from gateway.egress.passthrough import Passthrough
from gateway.egress.rooms import Rooms
from gateway.egress.sessions import Sessions
from gateway.egress.target import targets_of
from gateway.lasting import Air, Lasting, cache_keys_of, cache_secret
from gateway.learning.judge import code_of
from gateway.learning.lessons import Lessons
from gateway.learning.place import learning_of, learning_url
from gateway.learning.purse import Purse
from gateway.learning.trials import Trials
from gateway.likening import Likening
from gateway.occupancy import Occupancy
from gateway.pipeline.cascade_plan import cascades_of
from gateway.pipeline.hedge_plan import HedgePlan
from gateway.pipeline.keep_alive import KeepAlive
from gateway.pipeline.kept import KeptOnly
from gateway.pipeline.large_prompts import LargePrompts
from gateway.pipeline.parts import Clocks, Parts
from gateway.pipeline.pool_plan import pools_of
from gateway.pipeline.quotas import Quotas
from gateway.pipeline.retry import Retrying
from gateway.pipeline.rounds import Rounds
from gateway.pipeline.shadow import Shadows
from gateway.pipeline.tags import Tags
from gateway.pipeline.watch import Watch
from gateway.pipeline.way import Pipeline
from gateway.probes import Application, Probes
from gateway.quota.plan import Plan
from gateway.quota.protocol import Quota
from gateway.stores.link import StoreFault
from gateway.stores.protocol import ByteStore
from gateway.stores.said import Said
from gateway.telemetry.metrics import Metrics
from gateway.wire.request_id import RequestIds
from router.router import Router

CLOSE_SECONDS = 2.0
START_SECONDS = 3.0  # for a database that is slow or away when a worker starts
DIALECTS: tuple[Dialect, ...] = (
    OpenAIChat(),
    OpenAICompletions(),
    OpenAIEmbeddings(),
    OpenAIModels(),
    AnthropicMessages(),
    OpenAIModerations(),
    OpenAIResponses(),
    OpenAIUnserved(),
    FeedbackDialect(),
    OllamaInference(),
    OllamaEmbeddings(),
    OllamaModels(),
    OllamaManagement(),
    OllamaHeartbeat(),
)
CLOCKS = Clocks(wall=time.time, steady=time.monotonic)


@dataclass(frozen=True, slots=True)
class Generation:
    """What serves with one configuration."""

    number: int
    loaded: Loaded
    pipeline: Pipeline
    kept: Pipeline | None
    keyring: Keyring
    directory: Directory
    max_body_bytes: int
    cors: Cors | None
    metrics_key: str | None
    engines: Mapping[str, Engine]
    store: ByteStore | None
    air: Air
    purges: Purges | None
    conversations: ConversationStore | None
    lessons: Lessons | None
    occupancy: Occupancy
    quota: Quota
    checkups: Checkups

    def begin(self) -> None:
        """Follows what others change, and how deployments are that nobody asks. Twice is harmless."""
        self.directory.start()
        self.checkups.start()
        if self.purges is not None:
            self.purges.start()

    async def close(self) -> None:
        """Once no request uses it any more."""
        await self.checkups.close()
        await self.pipeline.shadows.close()
        await self.pipeline.parts.background.drained()
        for engine in set(self.engines.values()):
            await engine.close()


class Gateway:
    """One worker's application. `adopt` puts a new configuration in force for the requests that start from then on."""

    def __init__(self, snapshot: Snapshot, *, worker: str, metrics: Metrics) -> None:
        self._scanners = Scanners()
        self._metrics = metrics
        self._estimators = Estimators(metrics.head_fault)
        self._trials = Trials(metrics, CLOCKS.steady)
        self._specialising = Specialising()
        settings = snapshot.loaded.settings
        directory, books = snapshot.loaded.state_directory / "journal", settings.ledger
        spool = spool_of(books, directory, CLOCKS.steady)
        self.journal = Journal(directory, worker, fsync=books.fsync, clock=CLOCKS.wall, spool=spool)
        journals, abandoned = Journals(directory), Abandoned(directory)
        metrics.look_at_journal(lambda: (journals.total(), abandoned.count()))
        self._watch = Watch(alerts_of(snapshot.loaded, self.journal.identity, metrics), metrics, CLOCKS)
        self._quotas = Quotas(
            directory,
            self.journal.identity,
            wall=CLOCKS.wall,
            steady=CLOCKS.steady,
            told=self._watch.told,
            on_fault=lambda kind: metrics.store_fault("redis", kind),
        )
        self._large_prompts = LargePrompts()
        self._rounds = Rounds()
        self._machines = MachineRoom(CLOCKS.steady)
        self._rooms = Rooms(worker, CLOCKS.steady, random.random, metrics)
        self._sessions = Sessions(cache_secret(snapshot.loaded.settings), CLOCKS.steady)
        self._controllers = Controllers(
            CLOCKS.steady,
            lambda: report(self.current.pipeline.parts.dials, metrics.dial),
            on_fault=lambda kind: metrics.store_fault("redis", kind),
        )
        self._archive = Archive()
        self._admission = Admission(settings.server.overload, CLOCKS.steady, time.thread_time, random.random, metrics)
        self._lasting = Lasting(metrics, CLOCKS)
        self.is_ready = True  # for new clients; not so once the gateway is told to end
        self._likening = Likening(CLOCKS)
        self._serving: dict[int, Generation] = {}  # by the identity of each that still has requests, or will have
        self.current = self._build(snapshot)
        patience = Patience(CLOCKS.steady)
        office = Office(current=lambda: self.current, clock=CLOCKS.wall, archive=self._archive)
        rest = Probes(
            metrics,
            lambda: self.current.metrics_key,
            lambda probes: _administration(probes, office),
            self._admins,
            patience,
            lambda: self.is_ready,
        )
        ids, admission = RequestIds(CLOCKS.wall), self._admission
        self.asgi = DataPlane(DIALECTS, lambda: self.current, metrics, ids, rest, patience, admission)

    async def start(self) -> None:
        """Afterwards it is known which keys were made at run time, what was purged, and how budgets stand, unless
        databases take longer than a moment. All of it is followed from then on."""
        await _for_a_moment(self.current.directory.refresh())
        if self.current.purges is not None:
            await _for_a_moment(self.current.purges.refresh())
        self.current.begin()
        await _for_a_moment(self._watch.known())

    def _admins(self) -> Keyring | None:
        """The keys that open the administration."""
        generation = self.current
        return generation.keyring if generation.loaded.settings.server.admin else None

    def adopt(self, snapshot: Snapshot) -> Generation:
        """Returns the generation that was in force until now: to be retired."""
        before, self.current = self.current, self._build(snapshot)
        before.checkups.end()
        self._admission.settings = snapshot.loaded.settings.server.overload
        self.current.begin()
        return before

    async def retire(self, generation: Generation) -> None:
        """Waits for the last request of a generation that is no longer in force, and closes what only it used."""
        await generation.occupancy.emptied()
        await self._close(generation)

    async def close(self) -> None:
        """Once the server has stopped. Requests that it gave up on get a moment to close their books."""
        for generation in tuple(self._serving.values()):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await generation.occupancy.emptied()
            if generation.air.formation is not None:
                await generation.air.formation.end()
            await self._close(generation)
        self._large_prompts.close()
        self._likening.close()
        self._scanners.close()
        self._machines.close()
        await self._rooms.close()
        await self._controllers.close()
        await self._watch.close()
        await self._quotas.close()
        await asyncio.to_thread(self._archive.close)
        self._metrics.flush()
        self.journal.close()

    async def _close(self, generation: Generation) -> None:
        if self._serving.pop(id(generation), None) is None:
            return
        await generation.close()
        await self._quotas.let_go(generation.quota, [other.quota for other in self._serving.values()])
        await self._lasting.let_go(generation, tuple(self._serving.values()))

    def _build(self, snapshot: Snapshot) -> Generation:
        loaded, metrics = snapshot.loaded, self._metrics
        settings = loaded.settings
        deployments = {name: item for name, item in settings.deployments.items() if not item.asleep}
        passthrough = Passthrough()
        engines: dict[str, Engine] = {
            "openai": passthrough,
            "embedded": passthrough,
            "litellm": LiteLLMEngine(),
        }
        estimators = self._estimators.of(loaded)
        parts = self._parts(snapshot, deployments, engines, estimators)
        purse = Purse(learning_url(loaded), CLOCKS.wall, CLOCKS.steady, lambda kind: metrics.store_fault("sql", kind))
        metrics.declare(settings.routes, [(name, deployment.zone) for name, deployment in deployments.items()])
        metrics.declare_cascades(parts.cascades)
        metrics.declare_rooms(name for name, deployment in deployments.items() if deployment.concurrent)
        metrics.configured(snapshot.number)
        report(parts.dials, metrics.dial)
        metrics.headed(estimators.versions)
        key = settings.server.metrics_key
        directory = self._lasting.directory(loaded)
        store = self._lasting.store(settings)
        shadows = Shadows(parts, purse, lambda: code_of(secrets.token_bytes(10)))
        generation = Generation(
            number=snapshot.number,
            loaded=loaded,
            pipeline=Pipeline(parts, shadows),
            kept=None if parts.cache is None else KeptOnly(parts, shadows, lambda: self._admission.retry_after),
            keyring=Keyring(settings.keys, settings.server.anonymous, Rulebook.of(settings), directory, CLOCKS.wall),
            directory=directory,
            max_body_bytes=settings.server.max_body_bytes,
            cors=cors_of(settings.server.cors.origins),
            metrics_key=key.get_secret_value() if key else None,
            engines=engines,
            store=store,
            air=self._lasting.air(settings, store),
            purges=self._lasting.purges(settings, store),
            conversations=parts.conversations,
            lessons=parts.lessons,
            occupancy=parts.occupancy,
            quota=self._quotas.of(loaded),
            checkups=Checkups(deployments, parts.targets, parts.fleet, random.random),
        )
        self._watch.adopt(settings, parts.plan, generation.quota)
        self._serving[id(generation)] = generation
        return generation

    def _dials(self, loaded: Loaded, estimators: Configured) -> DialsByRoute:
        dials = dials_of(loaded, self._controllers, estimators.serving)
        if dials:
            self._controllers.share_in(loaded.settings.redis)
        return dials

    def _parts(
        self,
        snapshot: Snapshot,
        deployments: Mapping[str, Deployment],
        engines: Mapping[str, Engine],
        estimators: Configured,
    ) -> Parts:
        loaded, metrics = snapshot.loaded, self._metrics
        settings = loaded.settings
        configured = self._scanners.of(loaded)
        dials = self._dials(loaded, estimators)
        specialists = self._specialising.of(loaded)
        air = self._lasting.air(settings, self._lasting.store(settings))
        prices = PriceBook(settings.deployments, Catalogue(), loaded.prices)
        return Parts(
            router=Router(configured.scanner, estimators.shipped, (rules_of(settings.policy),), heads=estimators.heads),
            routes={name: plan_of(name, settings, specialists.get(name)) for name in settings.routes},
            targets=targets_of(deployments, settings.routes, snapshot.embedded),
            engines=engines,
            guard=Guard(metrics.refused),
            fleet=FleetHealth(deployments, CLOCKS.steady, metrics.up, random.random),
            prices=prices,
            machines=self._machines.of(loaded, prices),
            references={name: reference_of(name, settings) for name in settings.routes},
            others=others_of(settings),
            journal=self.journal,
            metrics=metrics,
            cache=self._lasting.cache(settings),
            cache_keys=cache_keys_of(loaded, estimators.named),
            cache_plans=cache_plans_of(settings),
            conversations=self._lasting.conversations(loaded),
            clocks=CLOCKS,
            large_prompts=self._large_prompts,
            occupancy=Occupancy(),
            rounds=self._rounds,
            keep_alive=KeepAlive(settings.server.keep_alive_comment),
            scan_waits=configured.waits,
            labels=Rulebook.of(settings).labels,
            tags=Tags(configured.quick.scan, tags_named(settings)),
            lessons=self._lasting.lessons(loaded),
            learning=learning_of(settings),
            dials=dials,
            shadows={name: route.shadow for name, route in settings.routes.items() if route.shadow},
            cascades=cascades_of(loaded),
            heads=estimators.named,
            trials=self._trials.of(loaded),
            quota=self._watch.watched(self._quotas.of(loaded)),
            plan=Plan.of(settings),
            hedging=HedgePlan(settings.routes),
            retrying=Retrying(settings.routes, deployments, random.random),
            pools=pools_of(settings),
            rooms=self._rooms.of(settings),
            sessions=self._sessions,
            longest={name: route.max_tokens for name, route in settings.routes.items() if route.max_tokens},
            flights=air.flights,
            formation=air.formation,
            semantic=self._likening.of(settings, self._lasting.store(settings)),
        )


async def _for_a_moment(work: Awaitable[None]) -> None:
    with contextlib.suppress(TimeoutError, StoreFault):
        async with asyncio.timeout(START_SECONDS):
            await work


def _administration(probes: Probes, office: Office) -> Application:
    from gateway.admin.application import administration

    return administration(probes, office)


def alerts_of(loaded: Loaded, identity: str, metrics: Metrics) -> Alerts:
    said = Said(CLOCKS.wall, loaded.state_directory / "alerts.told")
    return Alerts(said, identity, CLOCKS, metrics, on_fault=lambda kind: metrics.store_fault("redis", kind))
