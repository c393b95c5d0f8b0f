"""Recall on identifiers drawn at random, by kind, language and carrier; false alarms on their harmless twins.

    python -m bench.identifiers [COUNT]

COUNT values for each kind and carrier (20). Needs python-stdnum. No row of any data set is read. `kept` are carriers
that nobody looked at while writing rules. A value is found if a finding overlaps it.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from math import sqrt

from bench.identifiers.carriers import KEPT, LABELS, SEEN
from bench.identifiers.numbers import NATIONAL
from bench.identifiers.others import OTHERS, birth
from bench.identifiers.twins import TWINS
from router.content import content_of_text
from router.sensitivity.scanner import Scanner

Case = tuple[str, str, str, str, str]
"""Kind, language, carrier, text, value."""


def cases(kept: bool, count: int, seed: int = 11) -> Iterator[Case]:
    draw = random.Random(seed + kept)
    for kind, languages in LABELS.items():
        for language, labels in languages.items():
            make = birth(language) if kind == "birth" else (NATIONAL | OTHERS)[kind]
            for carrier in (KEPT if kept else SEEN)[language]:
                for number in range(count):
                    value = make(draw)
                    text = carrier.format(l=labels[number % len(labels)], v=value)
                    yield kind, language, carrier, text, value


def interval(found: int, of: int) -> str:
    """Wilson's, 95 %."""
    share, z = found / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{share:.3f} [{middle - half:.3f}, {middle + half:.3f}] of {of}"


def main(count: int, verbose: bool) -> None:
    scanner = Scanner.default()
    for kept in (False, True):
        groups: dict[str, list[bool]] = defaultdict(list)
        for kind, language, carrier, text, value in cases(kept, count):
            start = text.index(value)
            findings = scanner.scan(content_of_text(text)).findings
            found = any(each.start < start + len(value) and start < each.end for each in findings)
            for name in ("ALL", f"language {language}", f"kind {kind}/{language}", f"carrier {carrier!r}"):
                groups[name].append(found)
            if verbose and not found:
                print("missed", kind, language, repr(text))
        print("kept carriers" if kept else "seen carriers")
        for name, each in sorted(groups.items()):
            if not name.startswith(("kind", "carrier")) or not all(each):
                print(f"  {name:<60} {interval(sum(each), len(each))}")
    false = [(text, scan.findings) for text in TWINS if (scan := scanner.scan(content_of_text(text))).findings]
    print("false alarms on twins", interval(len(false), len(TWINS)))
    for text, findings in false:
        print(
            "  ", repr(text), [(each.type, text[each.start : each.end], round(each.confidence, 2)) for each in findings]
        )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    main(numbers[0] if numbers else 20, "-v" in sys.argv)
