"""Labeller: the prompts of a file, put one after the other to those who answer and judge; each row written when it is
known, so that little is lost when it is stopped."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import IO, Final

import orjson

from gateway.access.principal import Principal
from gateway.app import CLOCKS, Gateway
from gateway.cli.label_file import Prompt, opened, row_of
from gateway.config.learning import RouteLearning
from gateway.config.loaded import Loaded
from gateway.config.rulebook import Rulebook
from gateway.config.settings import Settings
from gateway.config.snapshot import Endpoint, Snapshot
from gateway.learning.judge import code_of
from gateway.pipeline.labelling import Bill, Kept, Labelling, Unlike, label
from gateway.pipeline.parts import Parts
from gateway.serving.embedded import EmbeddedModel
from gateway.serving.models import resolve
from gateway.serving.supervisor import with_keys
from gateway.telemetry.metrics import Metrics
from gateway.wire.call import Call
from gateway.wire.errors import GatewayError
from gateway.wire.request_id import RequestIds
from router.clearance import ANY

MOST_FAILURES: Final = 10  # in a row; then something is down, and asking on would only cost time
NAME: Final = "label"  # of whoever asks, in the books, and of the journal
_VERDICT_TOKENS: Final = 32
_MAX_TOKENS: Final = 1024
_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Whom:
    """Who answers, who judges, and on whose behalf. Names of deployments."""

    route: str
    small: str
    large: str
    judge: str
    principal: Principal
    both_orders: bool
    max_tokens: int
    verdict_tokens: int

    @classmethod
    def of(cls, settings: Settings, args: argparse.Namespace) -> Whom:
        """Raises `ValueError` with what is wrong."""
        route = settings.routes.get(args.route)
        if route is None:
            raise ValueError(f"no route '{args.route}'; there are: {', '.join(settings.routes)}")
        awake = {name for name, deployment in settings.deployments.items() if not deployment.asleep}
        small, large = ([name for name in names if name in awake] for names in (route.small, route.large))
        if not small or not large:
            raise ValueError(f"route '{args.route}' needs a small and a large deployment that can be called")
        shadow = route.shadow
        judge = args.judge or (shadow.judge if shadow else "")
        if judge and judge not in awake:
            raise ValueError(f"no deployment '{judge}' that can be called; there are: {', '.join(sorted(awake))}")
        both = args.both_orders
        return cls(
            route=args.route,
            small=small[0],
            large=large[0],
            judge=judge,
            principal=_principal(settings, args.key),
            both_orders=both if both is not None else shadow.both_orders if shadow else True,
            max_tokens=args.max_tokens or (shadow.max_tokens if shadow else _MAX_TOKENS),
            verdict_tokens=shadow.verdict_tokens if shadow else _VERDICT_TOKENS,
        )

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.small, self.large, self.judge} - {""})

    def labelling(self, parts: Parts) -> Labelling:
        targets = parts.targets[self.route]
        judge = targets[self.judge] if self.judge else None
        small, large = targets[self.small], targets[self.large]
        return Labelling(small, large, judge, self.both_orders, self.max_tokens, self.verdict_tokens)


@dataclass(slots=True)
class Tally:
    """What came of the prompts, and what they cost in dollars where that is known."""

    written: int = 0
    before: int = 0
    kept: int = 0
    unlike: int = 0
    failed: int = 0
    unknown: int = 0
    weak: Decimal = _NOTHING
    strong: Decimal = _NOTHING
    judge: Decimal = _NOTHING
    held: Decimal = _NOTHING  # by prompts under way
    is_spent: bool = False
    in_a_row: int = 0
    why: str = ""

    @property
    def spent(self) -> Decimal:
        return self.weak + self.strong + self.judge

    @property
    def gave_up(self) -> bool:
        return self.in_a_row >= MOST_FAILURES

    def charge(self, bill: Bill, most: Decimal | None) -> None:
        """A prompt whose cost is not known in full counts as much as it could cost where a limit holds."""
        costs = bill.costs
        self.weak += costs.weak or 0
        self.strong += costs.strong or 0
        self.judge += costs.judge or 0
        if bill.total is None:
            self.unknown += 1
            known = sum((cost for cost in costs if cost is not None), _NOTHING)
            self.held -= 0 if most is None else known
        elif most is not None:
            self.held -= most


@dataclass(slots=True)
class Labeller:
    """Of one configuration and one output."""

    loaded: Loaded
    whom: Whom
    out: Path
    ids: RequestIds = field(default_factory=lambda: RequestIds(CLOCKS.wall))

    async def run(
        self, prompts: Sequence[Prompt], limit: int | None, max_dollars: Decimal | None, parallel: int
    ) -> Tally:
        """Raises `ValueError` where a limit in dollars cannot be kept, `ModelError`, `OSError`."""
        tally = Tally()
        with opened(self.out) as (file, there):
            left = [prompt for prompt in prompts if prompt.mark not in there]
            tally.before = len(prompts) - len(left)
            async with self._gateway() as parts:
                labelling = self.whom.labelling(parts)
                queue = iter(left if limit is None else left[:limit])

                async def work() -> None:
                    for prompt in queue:
                        if tally.gave_up or tally.is_spent:
                            return
                        await self._one(parts, labelling, prompt, tally, max_dollars, file)

                await asyncio.gather(*(work() for _ in range(parallel)))
        return tally

    async def _one(
        self,
        parts: Parts,
        labelling: Labelling,
        prompt: Prompt,
        tally: Tally,
        max_dollars: Decimal | None,
        file: IO[bytes],
    ) -> None:
        body: dict[str, object] = {"model": self.whom.route, "messages": prompt.messages}
        most = None
        if max_dollars is not None:
            most = labelling.most(parts, body, judged=prompt.answer is None)
            if most is None:
                raise ValueError("--max-dollars cannot be kept: a deployment has no price; see docs/costs.md")
            if tally.spent + tally.held + most > max_dollars:
                tally.is_spent = True
                return
            tally.held += most
        bill, call = Bill(), Call(body, self.whom.route, self.ids(), size=len(orjson.dumps(body)))
        code = code_of(secrets.token_bytes(10))
        try:
            scores = await label(
                parts, call, self.whom.principal, labelling, answer=prompt.answer, code=code, bill=bill
            )
        except Kept:
            tally.kept += 1
        except Unlike:
            tally.unlike += 1
        except GatewayError as error:
            tally.failed += 1
            tally.in_a_row += 1
            tally.why = error.message
        else:
            tally.in_a_row = 0
            tally.written += 1
            file.write(row_of(prompt, scores, bill.costs, judge=self.whom.judge))
            file.flush()
        finally:
            tally.charge(bill, most)

    @asynccontextmanager
    async def _gateway(self) -> AsyncIterator[Parts]:
        """The gateway's parts without its door, and the embedded models that are asked."""
        settings = self.loaded.settings
        models: dict[str, EmbeddedModel] = {}
        try:
            for name in sorted(self.whom.names):
                deployment = settings.deployments[name]
                if deployment.engine == "embedded":
                    path = await asyncio.to_thread(
                        resolve, deployment.model, self.loaded.state_directory / "models", _say
                    )
                    model = EmbeddedModel(name, path, context=deployment.context, slots=deployment.slots, log=_say)
                    await model.start()
                    models[name] = model
            endpoints = {name: Endpoint(model.base_url, model.api_key) for name, model in models.items()}
            gateway = Gateway(Snapshot(1, with_keys(_alone(self.loaded)), endpoints), worker=NAME, metrics=Metrics())
            try:
                yield gateway.current.pipeline.parts
            finally:
                await gateway.close()
        finally:
            for model in models.values():
                await model.stop()


def _alone(loaded: Loaded) -> Loaded:
    """Without what only a gateway that serves has a use for."""
    settings = loaded.settings
    routes = {
        name: replace(route, shadow=None, cascade=None, dial=None, learning=RouteLearning())
        for name, route in settings.routes.items()
    }
    return replace(loaded, settings=replace(settings, routes=routes, cache=replace(settings.cache, enabled=False)))


def _principal(settings: Settings, name: str | None) -> Principal:
    if name is None:
        return Principal(NAME, None, None, ANY)
    rulebook = Rulebook.of(settings)
    for key in settings.keys:
        if key.name == name:
            return Principal(key.name, key.team, None, rulebook.locality(key), asker=rulebook.asker(key))
    raise ValueError(f"no key '{name}'; there are: {', '.join(key.name for key in settings.keys) or 'none'}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
