"""Verdicts: what a judge says that compares two answers, in the form it is asked for. Directives at the bottom."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.upstream.turn import Behaviour, Turn


async def say(turn: Turn) -> None:
    """`say:WORDS`: these words; they may hold colons."""
    await _said(turn, ":".join(turn.args))


async def letter(turn: Turn) -> None:
    """`letter:B`: this verdict, as an object where a schema is asked for."""
    await _verdict(turn, turn.arg(0, "A"))


async def prefer(turn: Turn) -> None:
    """`prefer:NAME`: whichever of the two answers the server of that name gave."""
    first = turn.answer.prompt.partition("=== first answer")[2].partition("=== second answer")[0]
    await _verdict(turn, "A" if f"{turn.arg(0, '')} says" in first else "B")


async def _verdict(turn: Turn, chosen: str) -> None:
    await _said(turn, json.dumps({"verdict": chosen}) if "response_format" in turn.answer.body else chosen)


async def _said(turn: Turn, words: str) -> None:
    if turn.streaming:
        await turn.stream(turn.frames(turn.answer.chunks(words)))
    else:
        await turn.reply.json(200, turn.answer.whole(words))


VERDICTS: Mapping[str, Behaviour] = {"say": say, "letter": letter, "prefer": prefer}
