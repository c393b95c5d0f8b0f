"""False alarms on harmless traffic of agents, by dialect and by tool result; secrets that stand in such traffic.

    python -m bench.agents [COUNT] [-v]

A request counts as a false alarm if any part of it has a finding: that is what keeps it at home. -v prints the findings.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from bench.agents.bodies import DIALECTS, RESULTS, steps
from bench.agents.draws import Draw
from bench.agents.interval import wilson
from bench.agents.planted import FORMS, planted
from router.content import Content, content_of
from router.sensitivity.finding import Finding
from router.sensitivity.scanner import Scanner

_TEXT = 40  # characters of a finding that are shown


def false_alarms(scanner: Scanner, count: int, verbose: bool) -> None:
    for dialect, make in DIALECTS.items():
        alarms = 0
        kinds: Counter[str] = Counter()
        for number in range(count):
            draw = Draw(number)
            content = content_of(make(draw, steps(draw)))
            scan = scanner.scan(content)
            alarms += bool(scan.findings or scan.failed)
            kinds.update({finding.type for finding in scan.findings})
            if verbose:
                show(dialect, content, scan.findings)
        print(f"{dialect:<12} false alarms {wilson(alarms, count)} {dict(kinds)}")
    for result in RESULTS:
        alarms = 0
        for number in range(count):
            content = content_of({"messages": [{"role": "tool", "content": result(Draw(number))}]})
            scan = scanner.scan(content)
            alarms += bool(scan.findings or scan.failed)
            if verbose:
                show(result.__name__, content, scan.findings)
        if alarms:
            print(f"  {result.__name__:<22} false alarms {wilson(alarms, count)}")


def show(name: str, content: Content, findings: Sequence[Finding]) -> None:
    for finding in findings:
        segment = content.segments[finding.segment]
        text = segment.text[max(0, finding.start - _TEXT) : finding.end]
        print(name, finding.type, segment.path, finding.end - finding.start, repr(text))


def found(scanner: Scanner, count: int) -> None:
    total = hits = 0
    for name, form in FORMS.items():
        some = sum(
            bool(scanner.scan(content_of(planted(Draw(number), form))).findings)
            for number in range(max(1, count // 10))
        )
        total += max(1, count // 10)
        hits += some
        if some < max(1, count // 10):
            print(f"  {name:<32} found {some} of {max(1, count // 10)}")
    print(f"secrets in traffic: found {wilson(hits, total)}")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "-v"]
    size = int(arguments[0]) if arguments else 300
    detection = Scanner.default()
    false_alarms(detection, size, "-v" in sys.argv)
    found(detection, size)
