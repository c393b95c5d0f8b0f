"""Files of labelled rows, as an operator would have them: easy and hard prompts, scores, and what answers cost."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from router.difficulty.supplement import examples


def labelled(count: int, seed: int = 1, **more: Any) -> list[dict[str, Any]]:
    """The small model mostly fails on the hard ones, the large one hardly ever."""
    dice = random.Random(seed)
    made = list(examples())
    out = []
    for number in range(count):
        example = dice.choice(made)
        weak = float(dice.random() > (0.8 if example.hard else 0.1))
        prompt = f"{example.prompt} ({number})"
        out.append({"prompt": prompt, "weak_score": weak, "strong_score": float(dice.random() > 0.03), **more})
    return out


def write(file: Path, rows: list[dict[str, Any]]) -> str:
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return str(file)
