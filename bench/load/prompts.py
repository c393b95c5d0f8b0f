"""What is asked: 1,000 different prompts of 20 to 60 tokens, and 200 of about 2,000, as bodies for the generator.

Every request differs from every other one: the generator puts a number that it never gives twice where the mark stands.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path

MARK = "@@SEQ@@"
CHARACTERS_PER_TOKEN = 4  # of English prose
_SEED = 7
_SHORT, _LONG = 1_000, 200
_TOPICS = (
    "the history of tea in Portugal",
    "how a heat pump works",
    "three ideas for a birthday party",
    "the difference between TCP and UDP",
    "a haiku about autumn rain",
    "what Marie Curie discovered",
    "a packing list for a week in Norway",
    "why the sky is blue",
    "a polite reply to a late supplier",
    "the plot of Hamlet",
    "how to prune roses",
    "an SQL query for monthly revenue",
    "the rules of chess castling",
    "a regular expression for ISO dates",
    "ways to save water at home",
    "what changed in Python 3.11",
    "a summary of the meeting notes below",
    "the capital cities of the Baltic states",
    "how vaccines train the immune system",
    "a translation of this sentence into French",
)
_STYLES = (
    *("Explain", "Write", "Summarise", "List", "Describe briefly", "Compare and discuss", "Give me", "Outline"),
    *("Draft", "Rewrite for a ten-year-old"),
)
_TAILS = (
    "Keep it under sixty words.",
    "Use plain language.",
    "Answer as a numbered list.",
    "The audience is a group of new colleagues.",
    "Mention one common mistake.",
    "Order 4821 was shipped on Monday with version 2.14.3.",
    "Be precise and cite nothing.",
    "The total came to 1,250.00 euros for 17 items.",
    "Tom has 12 apples and gives Anna 5 of them.",
    "Return only the text itself.",
    "Take the tone of Sherlock Holmes.",
    "Our team meets every other Thursday in Lyon.",
)


def sentence(chance: random.Random) -> str:
    """A prompt of 20 to 60 tokens."""
    tails = " ".join(chance.sample(_TAILS, chance.randint(1, 3)))
    return f"{chance.choice(_STYLES)} {chance.choice(_TOPICS)}. {tails}"


def of_length(chance: random.Random, tokens: int) -> str:
    """A prompt of about that many tokens, cut at a space."""
    text, size = "", tokens * CHARACTERS_PER_TOKEN
    while len(text) <= size:
        text += sentence(chance) + " "
    return text[: text.rindex(" ", 0, size + 1)]


def write(folder: Path, model: str) -> dict[str, Path]:
    """Files with one body a line, by name: `chat`, `stream`, `long`, `big` (32 KiB) and `same` (always that one)."""
    chance = random.Random(_SEED)
    short: dict[str, None] = {}
    while len(short) < _SHORT:
        short[f"{sentence(chance)} {MARK}"] = None
    long = [f"{of_length(chance, 2_000)} {MARK}" for _ in range(_LONG)]
    big = [f"Request {MARK}. " + "The quick brown fox jumps over the lazy dog. " * 728]
    texts: dict[str, Iterable[str]] = {
        "chat": short,
        "stream": short,
        "long": long,
        "big": big,
        "same": ["Say PONG. Always the same."],
    }
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, prompts in texts.items():
        files[name] = folder / f"{name}.jsonl"
        files[name].write_text("\n".join(_bodies(prompts, model, stream=name == "stream")), encoding="utf-8")
    return files


def _bodies(prompts: Iterable[str], model: str, *, stream: bool) -> Iterable[str]:
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    for prompt in prompts:
        messages = [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": prompt},
        ]
        yield json.dumps({"model": model, "messages": messages, "temperature": 0.2, "max_tokens": 64, **more})
