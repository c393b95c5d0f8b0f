"""Traffic: so many questions a second, and what came of each, judged at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import aiohttp

from bench.soak.questions import LEAVING, WRONG, Question
from bench.soak.stage import Stage, key_of
from tests.harness.asking import open_session, say
from tests.harness.dialects import Heard

LIMIT: Final = 40.0  # seconds for any answer: nobody waits longer, whatever breaks
MOST: Final = 400  # requests under way
STATUSES: Final = frozenset({200, 429, 502, 503, 504, 529})  # what a client may see of a good request; 529: Anthropic's


class Result(NamedTuple):
    """`verdict`: empty where all is as it may be. `whole`: an answer came to its end. `left`: its client went away."""

    kind: str
    request_id: str
    status: int
    whole: bool
    hit: bool
    left: bool
    seconds: float
    verdict: str


class Traffic:
    """`results` grows as answers come."""

    def __init__(self, stage: Stage, source: Iterator[list[Question]], rate: float) -> None:
        self.results: list[Result] = []
        self._stage = stage
        self._source = source
        self._rate = rate

    async def flow(self, seconds: float) -> None:
        """For so long, and until all have their answers."""
        loop = asyncio.get_running_loop()
        began, asked = loop.time(), 0
        turn = asyncio.Semaphore(MOST)
        async with open_session(LIMIT) as session:

            async def one(question: Question) -> None:
                try:
                    self.results.append(await _ask(session, self._stage, question))
                finally:
                    turn.release()

            async with asyncio.TaskGroup() as group:
                while loop.time() - began < seconds:
                    for question in next(self._source):
                        await turn.acquire()
                        group.create_task(one(question))
                        asked += 1
                    await asyncio.sleep(began + asked / self._rate - loop.time())


async def _ask(session: aiohttp.ClientSession, stage: Stage, question: Question) -> Result:
    leave_at = b"says" if question.kind == LEAVING else b""
    path, key = question.dialect.path, key_of(question.key)
    said = await say(session, stage.gateway, path, question.body, key=key, leave_at=leave_at)
    heard, verdict = Heard("", ended=False), f"broken off: {said.broken}" if said.broken else ""
    if not said.broken and not said.left:
        heard, unread = said.read(question.dialect, streamed=question.streamed)
        verdict = f"{said.status}, unreadable: {unread}" if unread else judge(question, said.status, heard)
    hit = said.headers.get("x-tidegate-cache") in ("hit", "stale")
    return Result(question.kind, said.request_id, said.status, heard.ended, hit, said.left, said.seconds, verdict)


def judge(question: Question, status: int, heard: Heard) -> str:
    """What is wrong with a reply; empty where nothing is."""
    if question.kind == WRONG:
        return "" if 400 <= status < 500 and heard.error else f"{status} to what is no request"
    if status not in STATUSES:
        return f"status {status}: {heard.error}"
    if status != 200:
        return "" if heard.error else f"{status} without an error"
    if heard.ended:
        return "" if heard.text in question.right else f"a wrong answer: {heard.text}"
    if not heard.error:
        return "cut without a word"
    return "" if any(text.startswith(heard.text) for text in question.right) else f"a wrong part: {heard.text}"


def wrong(results: Sequence[Result]) -> list[str]:
    return [f"{one.kind} {one.request_id}: {one.verdict}" for one in results if one.verdict]
