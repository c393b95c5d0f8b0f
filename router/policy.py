"""Policy: findings, unreadable parts and detector failures → clearance, with the reasons.

The default policy lets nothing with a finding travel. Rules can be more generous for stated entity types; doubt
(a detector that failed, a part that could not be read) is `local` whatever the rules say.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from router.clearance import ANY, LOCAL, Clearance
from router.content import Content
from router.decision import Reason
from router.sensitivity.finding import Finding, Scan

ANY_TYPE = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of one of `types` (or `*`) with at least `confidence` (0..1) means for the clearance."""

    types: frozenset[str] = frozenset({ANY_TYPE})
    confidence: float = 0.0
    clearance: Clearance = LOCAL

    def covers(self, finding: Finding) -> bool:
        return ANY_TYPE in self.types or finding.type in self.types

    def applies_to(self, finding: Finding) -> bool:
        return finding.confidence >= self.confidence and self.covers(finding)


class Verdict(NamedTuple):
    """What a policy makes of a content. `masked` are the findings that may be seen in `local` only, and elsewhere only
    as placeholders; `clearance` then says so too.
    """

    clearance: Clearance = ANY
    reasons: tuple[Reason, ...] = ()  # one for each thing that narrowed it
    masked: tuple[Finding, ...] = ()


NOTHING_TO_SAY = Verdict()


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order. The first rule that covers a finding's type decides for that finding.

    A type no rule covers stays `local`: an operator opens what is named, never what was forgotten.
    """

    rules: tuple[Rule, ...] = (Rule(),)

    def judge(self, content: Content, scan: Scan) -> Verdict:
        """How far the content may travel, and why no further."""
        if not scan.findings and not scan.failed and not content.opaque:
            return NOTHING_TO_SAY
        clearance = ANY
        narrowing: Counter[str] = Counter()
        masked = []
        for finding in scan.findings:
            needed = self._of(finding)
            if needed != ANY:
                clearance = clearance.join(needed)
                narrowing[finding.type] += 1
                if needed.masked:
                    masked.append(finding)
        reasons = []
        if narrowing:
            reasons.append(Reason("sensitive", _counts(narrowing)))
        if content.opaque:
            clearance = clearance.join(LOCAL)
            reasons.append(Reason("unreadable", _counts(Counter(part.kind for part in content.opaque))))
        if scan.failed:
            clearance = clearance.join(LOCAL)
            reasons.append(Reason("detector-failure", ",".join(sorted(set(scan.failed)))))
        return Verdict(clearance, tuple(reasons), tuple(masked))

    def _of(self, finding: Finding) -> Clearance:
        covered = False
        for rule in self.rules:
            if rule.covers(finding):
                covered = True
                if finding.confidence >= rule.confidence:
                    return rule.clearance
        return ANY if covered else LOCAL


def _counts(counter: Counter[str]) -> str:
    return ",".join(f"{name}:{count}" for name, count in sorted(counter.items()))


DEFAULT_POLICY = Policy()
