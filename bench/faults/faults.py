"""The faults, each with its beginning and its end; nothing here knows what the gateway makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from bench.faults.stage import Stage

REDIS: Final = "Redis"
POSTGRES: Final = "PostgreSQL"
BOTH: Final = "both"
REDIS_LATE: Final = 0.2  # seconds by which each answer of a slow Redis comes late: more than anybody waits for it
POSTGRES_LATE: Final = 0.5


class Fault(NamedTuple):
    """`begin` and `end` are done in the midst of traffic, `mend` in peace, so that the next one finds all well."""

    store: str
    name: str
    begin: Callable[[Stage], None]
    end: Callable[[Stage], None]
    mend: Callable[[Stage], None]


def nothing(_stage: Stage) -> None:
    """There is nothing to do."""


def _redis_slow(stage: Stage) -> None:
    stage.redis.proxy.delay = REDIS_LATE


def _redis_quick(stage: Stage) -> None:
    stage.redis.proxy.delay = 0.0


def _postgres_slow(stage: Stage) -> None:
    stage.postgres.proxy.delay = POSTGRES_LATE


def _postgres_quick(stage: Stage) -> None:
    stage.postgres.proxy.delay = 0.0


def _both(stage: Stage) -> None:
    stage.postgres.server.stop()
    stage.redis.leader.restart()


def _follow_again(stage: Stage) -> None:
    stage.redis.replica.follow(stage.redis.leader)


FAULTS: Final = (
    Fault(REDIS, "down", lambda on: on.redis.leader.kill(), lambda on: on.redis.leader.start(), _follow_again),
    Fault(REDIS, "frozen", lambda on: on.redis.leader.freeze(), lambda on: on.redis.leader.thaw(), nothing),
    Fault(REDIS, "slow", _redis_slow, _redis_quick, nothing),
    Fault(REDIS, "restarted empty", lambda on: on.redis.leader.restart(), nothing, _follow_again),
    Fault(
        *(REDIS, "failing over"),
        begin=lambda on: on.redis.leader.kill(),
        end=lambda on: on.redis.fail_over(),
        mend=lambda on: on.redis.mend(),
    ),
    Fault(REDIS, "demoted", lambda on: on.redis.demote(), nothing, nothing),
    Fault(
        *(POSTGRES, "down"),
        begin=lambda on: on.postgres.server.stop(),
        end=lambda on: on.postgres.server.start(),
        mend=nothing,
    ),
    Fault(
        *(POSTGRES, "frozen"),
        begin=lambda on: on.postgres.server.freeze_whole(),
        end=lambda on: on.postgres.server.thaw(),
        mend=nothing,
    ),
    Fault(POSTGRES, "slow", _postgres_slow, _postgres_quick, nothing),
    Fault(
        *(POSTGRES, "full"),
        begin=lambda on: on.postgres.disk.fill(),
        end=lambda on: on.postgres.disk.clear(),
        mend=nothing,
    ),
    Fault(
        *(BOTH, "Redis empty, PostgreSQL down"),
        begin=_both,
        end=lambda on: on.postgres.server.start(),
        mend=_follow_again,
    ),
)
