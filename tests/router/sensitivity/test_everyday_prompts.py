"""If this fails, ordinary prompts count as sensitive, and traffic that belongs in the cloud stays on the small model.

Towns, weekdays, public figures, people in sums and capital letters are no private matter.
"""

from __future__ import annotations

import random
from collections import Counter

from bench.load.prompts import of_length, sentence
from router.content import content_of_text
from router.sensitivity.scanner import Scanner


def flagged(prompts: list[str]) -> Counter[tuple[str, str]]:
    scanner = Scanner.default()
    found: Counter[tuple[str, str]] = Counter()
    for prompt in prompts:
        scan = scanner.scan(content_of_text(prompt))
        assert scan.failed == ()
        found.update((finding.type, prompt[finding.start : finding.end]) for finding in scan.findings)
    return found


def test_short_everyday_prompts_are_not_sensitive() -> None:
    chance = random.Random(11)
    assert flagged([sentence(chance) for _ in range(500)]) == Counter()


def test_long_everyday_prompts_are_not_sensitive() -> None:
    chance = random.Random(12)
    assert flagged([of_length(chance, 2000) for _ in range(20)]) == Counter()
