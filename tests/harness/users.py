"""Users: several at once. Each asks again as soon as there is an answer, with the SDK that all have and no retries."""

from __future__ import annotations

import asyncio
import itertools
import threading
from types import TracebackType
from typing import Final, Self

import httpx
import openai

from tests.harness.gateway import NO_TLS
from tests.harness.prompts import EASY
from tests.harness.wait import until

_LIMIT: Final = 60.0  # seconds for one request
_PATIENCE: Final = 60.0  # seconds until a test gives up


class Users:
    """A context. Every second request is streamed. `failed` says what they saw instead of a whole answer."""

    def __init__(self, base_url: str, key: str, count: int = 6) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._base_url, self._key, self._count = base_url, key, count
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="users", daemon=True)

    def wait_for_more(self, count: int) -> None:
        """Returns when so many more have been answered, or one was not."""
        wanted = self.answered + count
        until(f"{count} more answers", lambda: self.answered >= wanted or bool(self.failed), _PATIENCE)

    def _run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        async with httpx.AsyncClient(trust_env=False, verify=NO_TLS, timeout=_LIMIT) as client:
            asking = openai.AsyncOpenAI(
                base_url=self._base_url, api_key=self._key, max_retries=0, timeout=_LIMIT, http_client=client
            )
            await asyncio.gather(*(self._one(asking, number) for number in range(self._count)))

    async def _one(self, client: openai.AsyncOpenAI, number: int) -> None:
        for turn in itertools.count():
            if self._is_over.is_set():
                return
            try:
                said = await (_streamed if turn % 2 else _whole)(client, f"{EASY} {number} {turn}")
                if not said.endswith("."):
                    raise ValueError(f"no whole answer: {said!r}")
            except (openai.OpenAIError, httpx.HTTPError, ValueError) as error:
                self.failed.append(f"{error!r} {error.__cause__!r}")
            else:
                self.answered += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join(_PATIENCE)


async def _whole(client: openai.AsyncOpenAI, text: str) -> str:
    answer = await client.chat.completions.create(model="auto", messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content or ""


async def _streamed(client: openai.AsyncOpenAI, text: str) -> str:
    said = ""
    async for chunk in await client.chat.completions.create(
        model="auto", messages=[{"role": "user", "content": text}], stream=True
    ):
        said += chunk.choices[0].delta.content or "" if chunk.choices else ""
    return said
