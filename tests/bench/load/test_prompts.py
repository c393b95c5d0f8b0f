"""A prompt asked twice could be answered from memory, and would look cheap."""

from __future__ import annotations

import json
import random
from pathlib import Path

from bench.load.prompts import MARK, of_length, write


def test_every_body_asks_something_else(tmp_path: Path) -> None:
    files = write(tmp_path, "fake")
    for name, count in (("chat", 1_000), ("stream", 1_000), ("long", 200)):
        bodies = [json.loads(line) for line in files[name].read_text().split("\n")]
        texts = {body["messages"][1]["content"] for body in bodies}
        assert len(bodies) == count
        assert all(MARK in text for text in texts)
        assert all(body.get("stream", False) == (name == "stream") for body in bodies)
    assert MARK not in files["same"].read_text()


def test_a_prompt_is_as_long_as_asked() -> None:
    chance = random.Random(1)
    assert all(tokens * 3.5 < len(of_length(chance, tokens)) <= tokens * 4 for tokens in (200, 2_000))
