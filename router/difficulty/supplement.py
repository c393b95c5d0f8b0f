"""The supplement: everyday prompts that a small model answers well and hard ones that it does not, by construction.

Public benchmark rows hold no greetings, translations or short rewrites, so a model fitted on them alone finds "hello"
as hard as a theorem. These templates (written for this project, CC0-1.0) say otherwise, in English, French, German and
Spanish. Every fourth template of each list is kept out of training and used only for testing. Used by training, never
at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from router.difficulty import supplement_templates as templates
from router.difficulty.supplement_slots import SLOTS

HELD_BACK = 4  # every fourth template is for testing
FILLINGS = 3  # prompts per template that has slots
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """`hard`: the small model is not good enough. `held_back`: for testing only."""

    prompt: str
    hard: bool
    language: str
    held_back: bool


def examples() -> Iterator[Example]:
    """All prompts, in a fixed order."""
    for hard, kinds in ((False, templates.EASY), (True, templates.HARD)):
        for language, text in kinds.items():
            for number, template in enumerate(line for line in text.split("\n") if line):
                held_back = number % HELD_BACK == HELD_BACK - 1
                count = FILLINGS if _slots(template) else 1
                for filling in range(count):
                    yield Example(_filled(template, language, number + filling * 7), hard, language, held_back)


def _slots(template: str) -> list[str]:
    """The slots of a template in order, each once; other braces are LaTeX."""
    known = SLOTS["any"] | SLOTS["en"]
    return [name for name in dict.fromkeys(_SLOT.findall(template)) if name in known]


def _filled(template: str, language: str, turn: int) -> str:
    """Slot `{x}` takes the `turn`-th filling of its list; two slots of a template move at different pace."""
    fillings = SLOTS["any"] | SLOTS[language]
    out = template.replace("\\n", "\n")
    for place, name in enumerate(_slots(template)):
        choices = fillings[name].split("|")
        out = out.replace(f"{{{name}}}", choices[(turn * (place + 1) + place) % len(choices)])
    return out
