"""Trouble: what is done to the stage while it is asked, drawn from a seed. One thing at a time."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from bench.soak.stage import Stage

Act = Callable[[Stage, threading.Event], None]
DOWN: Final = 2.0  # seconds that a server of a model is away, or answers 500 to all
FROZEN: Final = 1.5  # seconds that Redis is


def _home_down(stage: Stage, over: threading.Event) -> None:
    with stage.home.down():
        over.wait(DOWN)


def _outside_down(stage: Stage, over: threading.Event) -> None:
    with stage.outside.down():
        over.wait(DOWN)


def _redis_restarts(stage: Stage, _over: threading.Event) -> None:
    """Empty."""
    stage.redis.restart()


def _redis_away(stage: Stage, over: threading.Event) -> None:
    stage.redis.kill()
    over.wait(DOWN)
    stage.redis.start()


def _redis_frozen(stage: Stage, over: threading.Event) -> None:
    stage.redis.freeze()
    over.wait(FROZEN)
    stage.redis.thaw()


def _reload(stage: Stage, _over: threading.Event) -> None:
    """The same configuration: a new generation of everything."""
    stage.gateway.reload(stage.gateway.file.read_text())


ACTS: Final[Mapping[str, Act]] = {
    "home down": _home_down,
    "outside down": _outside_down,
    "Redis restarted empty": _redis_restarts,
    "Redis away": _redis_away,
    "Redis frozen": _redis_frozen,
    "reload": _reload,
}


@contextlib.contextmanager
def trouble(stage: Stage, seed: int, every: float) -> Iterator[Counter[str]]:
    """Something `every` so many seconds; at the end all is well again. How often what was done."""
    done: Counter[str] = Counter()
    over = threading.Event()
    failures: list[BaseException] = []
    dice = random.Random(seed)

    def cause() -> None:
        try:
            while not over.wait(every):
                name = dice.choice(list(ACTS))
                ACTS[name](stage, over)
                done[name] += 1
        except (OSError, AssertionError, RuntimeError) as failure:
            failures.append(failure)

    thread = threading.Thread(target=cause, name="trouble", daemon=True)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()
    if failures:
        raise failures[0]
