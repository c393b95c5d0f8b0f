"""Rows to train on: the generators' texts, and labelled rows of public data sets that allow it."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from router.sensitivity.training import (
    everyday_de,
    everyday_en,
    everyday_es,
    everyday_fr,
    templates_de,
    templates_en,
    templates_es,
    templates_fr,
)
from router.sensitivity.training.apart import APART
from router.sensitivity.training.instructions import CLOSING, RIDDLES, instructions
from router.sensitivity.training.puzzles import puzzles
from router.sensitivity.training.records import records
from router.sensitivity.training.slots import Slots

# Their licences allow weights that ship (MIT, Apache-2.0, CC0, CC-BY-4.0). All others are only for testing.
SHIPPABLE = frozenset(
    {"presidio-research", "clinical-queries", "credsweeper", "gitleaks", "fastchat-code", "pii-anon", "pii-anon-adv"}
    | {"meddocan", "gen-eu", "gen-lookalike", "pupa_new", "pupa_tnb"}
)
# Prompts of the routing data that hold nobody's data; their licences allow weights that ship.
_HARMLESS_PROMPTS = ("llmrouter", "mmlu_pro_new", "bfcl_simple_multi", "zeroeval_math-l5")
# Tasks that speak of patients, clients and parties as a private text would: no examples of harmless ones.
_DOUBTFUL = frozenset({"law", "health", "psychology", "business", "other"})
_TEMPLATES = {
    "en": (templates_en, everyday_en),
    "fr": (templates_fr, everyday_fr),
    "de": (templates_de, everyday_de),
    "es": (templates_es, everyday_es),
}
_COPIES = 12  # texts from each template
_APART_COPIES = 10

_WITH_TEXT, _WITH_RIDDLE = 0.25, 0.5  # shares of orders among which another harmless text, or a riddle, stands
_RIDDLE_FIRST, _CLOSED = 0.35, 0.5

Kind = Literal["person", "real", "harmless"]


@dataclass(frozen=True, slots=True)
class Row:
    """A text and the spans (offsets) of what must be found in it. `group`: rows that share a template stay together."""

    text: str
    spans: tuple[tuple[int, int], ...]
    kind: Kind
    source: str
    group: str
    language: str = "en"


def generated(seed: int = 7) -> Iterator[Row]:
    slots = Slots(seed)
    for language, modules in _TEMPLATES.items():
        private = tuple(template for module in modules for template in module.PRIVATE)
        harmless = tuple(template for module in modules for template in module.HARMLESS)
        yield from _filled(slots, "own-private", language, private, _COPIES)
        yield from _filled(slots, "own-harmless", language, harmless, _COPIES)
    for template, language, person, key in records(seed):
        source = "own-record" if person else "own-thing"
        yield _row(slots, template, source, f"{source}-{language}-{key}", language)
    for template, language, act in puzzles(seed):
        yield _row(slots, template, "own-puzzle", f"own-puzzle-{act}", language)
    yield from _orders(slots, seed)


def apart(seed: int = 8) -> Iterator[Row]:
    """Rows of the templates that nothing is trained on."""
    slots = Slots(seed)
    for language, (private, harmless) in APART.items():
        yield from _filled(slots, "apart-private", language, private, _APART_COPIES)
        yield from _filled(slots, "apart-harmless", language, harmless, _APART_COPIES)


_PRIVATE_SOURCES = frozenset({"own-private", "own-record", "apart-private"})


def _filled(slots: Slots, source: str, language: str, templates: Sequence[str], copies: int) -> Iterator[Row]:
    for number, template in enumerate(templates):
        for _ in range(copies):
            yield _row(slots, template, source, f"{source}-{language}-{number}", language)


def _row(slots: Slots, template: str, source: str, group: str, language: str) -> Row:
    text, spans = slots.fill(template, language)
    private = source in _PRIVATE_SOURCES
    return Row(text, tuple(spans) if private else (), "person" if private else "harmless", source, group, language)


def _orders(slots: Slots, seed: int) -> Iterator[Row]:
    chance = random.Random(seed)  # noqa: S311  # examples, not secrets
    for text, language, topic in instructions(seed):
        mixed = chance.random()
        if mixed < _WITH_TEXT:
            text += " " + slots.fill(chance.choice(_TEMPLATES[language][0].HARMLESS), language)[0]
        elif mixed < _WITH_TEXT + _WITH_RIDDLE:
            riddle = slots.fill(chance.choice(RIDDLES[language]), language)[0]
            closing = f" {chance.choice(CLOSING[language])}" if chance.random() < _CLOSED else ""
            text = f"{riddle} {text}" if chance.random() < _RIDDLE_FIRST else f"{text} {riddle}{closing}"
        yield Row(text, (), "harmless", "own-orders", f"own-orders-{language}-{topic}", language)


def labelled(folder: Path) -> Iterator[Row]:
    """All rows of `dev_*.jsonl.gz`; which of them may be trained on is `SHIPPABLE`."""
    for path in sorted(folder.glob("dev_*.jsonl.gz")):
        part = path.name.split(".")[0].removeprefix("dev_")
        for row in _lines(path):
            kind: Kind = "real" if part == "pupa" else "person" if row["sensitive"] else "harmless"
            wanted = {"PII"} if part == "pupa" else {"PERSON"}
            spans = tuple((start, end) for start, end, name in row["spans"] if name in wanted)
            group = f"{row['source']}-{row.get('template') or row['id'][-1]}"
            yield Row(row["text"], spans, kind, row["source"], group, row["lang"])


def prompts(folder: Path, share: int = 1) -> Iterator[Row]:
    """Every `share`-th harmless prompt of the routing data's training part."""
    for name in _HARMLESS_PROMPTS:
        path = folder / f"{name}.jsonl.gz"
        for number, row in enumerate(_lines(path)):
            if number % share == 0 and row["category"] not in _DOUBTFUL:
                yield Row(row["prompt"], (), "harmless", f"routing-{name}", f"{row['category']}-{number % 10}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
