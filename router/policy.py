"""Policy: findings, unreadable parts and detector failures → clearance, with the reasons.

The default policy lets nothing with a finding travel. Rules can be more generous for stated entity types; doubt
(a detector that failed, a part that could not be read) is `local` whatever the rules say. Several policies are joined:
each has its say on every finding, and the strictest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from router.asker import NOBODY, Asker
from router.clearance import ANY, LOCAL, Clearance
from router.content import Content
from router.decision import Reason, Ruling
from router.rule import EVERYBODY, Rule
from router.sensitivity.finding import Finding, Scan

Readable = tuple[tuple[str, Clearance], ...]
"""Kinds of parts that cannot be read, and how far each may travel all the same; what is not in there stays `local`."""

ALL_STAY: Readable = ()
NO_RULE: Final = "no rule names it"
TOO_WEAK: Final = "too weak for "
AT_LEAST: Final = "at least "


class Verdict(NamedTuple):
    """What policies make of a content. `masked` are the findings that may be seen in `local` only, and elsewhere only
    as placeholders; `clearance` then says so too.
    """

    clearance: Clearance = ANY
    reasons: tuple[Reason, ...] = ()  # one for each thing that narrowed it
    masked: tuple[Finding, ...] = ()
    rulings: tuple[Ruling, ...] = ()


NOTHING_TO_SAY: Final = Verdict()


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules in order. The first rule for a finding's type decides for that finding.

    A rule for labels never decides: it is joined to what the others say, since who labels a request may narrow only.
    `unnamed` is for types that no rule names: an operator opens what is named, never what was forgotten. A policy that
    is joined to another leaves them to that one (`ANY`).
    """

    rules: tuple[Rule, ...] = ()
    unnamed: Clearance = LOCAL
    whole: tuple[Rule, ...] = field(init=False, repr=False)
    scoped: bool = field(init=False, repr=False)  # some rule is not for everybody
    _deciding: tuple[Rule, ...] = field(init=False, repr=False)
    _labelled: tuple[Rule, ...] = field(init=False, repr=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "whole", tuple(rule for rule in self.rules if rule.whole))
        put(self, "scoped", any(rule.scope != EVERYBODY for rule in self.rules))
        put(self, "_deciding", tuple(rule for rule in self.rules if not rule.scope.labels))
        put(self, "_labelled", tuple(rule for rule in self.rules if rule.scope.labels and not rule.whole))
        put(self, "_hash", hash((self.rules, self.unnamed)))

    def __hash__(self) -> int:
        """Of all rules, counted once: policies are looked up by every request."""
        return self._hash

    def judge(self, content: Content, scan: Scan) -> Verdict:
        """As `judge` below, by this policy alone, whoever asks."""
        return judge((self,), content, scan)

    def rulings_on(self, finding: Finding, route: str, asker: Asker) -> list[tuple[str, Clearance]]:
        """The rules that have a say on this finding, and what they say."""
        said = [self._decided(finding, route, asker)]
        said += (
            (rule.name, rule.clearance)
            for rule in self._labelled
            if finding.confidence >= rule.confidence and rule.covers(finding) and rule.is_for(route, asker)
        )
        return said

    def _decided(self, finding: Finding, route: str, asker: Asker) -> tuple[str, Clearance]:
        excused = ""
        for rule in self._deciding:
            if rule.covers(finding) and rule.is_for(route, asker):
                if finding.confidence >= rule.confidence:
                    return rule.name, rule.clearance
                if not excused and rule.excuses_doubt:
                    excused = TOO_WEAK + rule.name
        return (excused, ANY) if excused else (NO_RULE, self.unnamed)


DEFAULT_POLICY = Policy()


def judge(
    policies: Sequence[Policy],
    content: Content,
    scan: Scan,
    route: str = "",
    asker: Asker = NOBODY,
    readable: Readable = ALL_STAY,
) -> Verdict:
    """How far the content may travel by all `policies` together, and why no further."""
    if not scan.findings and not scan.failed and not content.opaque:
        for policy in policies:
            if policy.whole:
                break
        else:
            return NOTHING_TO_SAY
    judgement = _Judgement(policies, route, asker, scan.more)
    judgement.of_findings(scan.findings)
    judgement.of_whole(scan.findings)
    judgement.of_opaque(content, readable)
    if scan.failed:
        judgement.narrow(LOCAL, Reason("detector-failure", ",".join(sorted(set(scan.failed)))))
    return judgement.verdict()


class _Judgement:
    """One verdict in the making. It only ever narrows."""

    __slots__ = ("_asker", "_clearance", "_masked", "_more", "_policies", "_reasons", "_route", "_rulings", "_whole")

    def __init__(self, policies: Sequence[Policy], route: str, asker: Asker, more: bool) -> None:
        self._policies = policies
        self._route = route
        self._asker = asker
        self._more = more
        self._clearance = ANY
        self._reasons: list[Reason] = []
        self._masked: tuple[Finding, ...] = ()
        self._rulings: dict[tuple[str, Clearance], dict[str, int]] = {}
        self._whole: list[Ruling] = []

    def narrow(self, clearance: Clearance, reason: Reason) -> None:
        self._clearance = self._clearance.join(clearance)
        if reason.code == "blocked":
            self._reasons.insert(0, reason)
        else:
            self._reasons.append(reason)

    def of_findings(self, findings: tuple[Finding, ...]) -> None:
        kept: dict[str, int] = {}
        blocked: dict[str, int] = {}
        masked = set()
        together = ANY
        for kind, (finding, count) in _kinds(findings).items():
            needed, blocks = self._needed(finding, count)
            if needed.is_any:
                continue
            together = together.join(needed)
            counts = blocked if blocks else kept
            counts[finding.type] = counts.get(finding.type, 0) + count
            if needed.masked:
                masked.add(kind)
        if masked:
            self._masked = tuple(found for found in findings if (found.type, found.confidence) in masked)
        if kept:
            self.narrow(together, Reason("sensitive", AT_LEAST * self._more + _counts(kept)))
        if blocked:
            self.narrow(together, Reason("blocked", _counts(blocked)))

    def of_whole(self, findings: tuple[Finding, ...]) -> None:
        for policy in self._policies:
            for rule in policy.whole:
                if not rule.is_for(self._route, self._asker):
                    continue
                self._whole.append(Ruling(rule.name, rule.clearance, is_whole=True))
                if rule.clearance.is_any:
                    continue
                self.narrow(rule.clearance, Reason("blocked" if rule.blocks else "policy", rule.name))
                if rule.clearance.masked:
                    self._masked = findings  # who wants masks without saying of what wants them of everything

    def of_opaque(self, content: Content, readable: Readable) -> None:
        staying: dict[str, int] = {}
        together = ANY
        opened = dict(readable)
        for part in content.opaque:
            needed = opened.get(part.kind, LOCAL)
            if not needed.is_any:
                together = together.join(needed)
                staying[part.kind] = staying.get(part.kind, 0) + 1
        if staying:
            self.narrow(together, Reason("unreadable", _counts(staying)))

    def verdict(self) -> Verdict:
        rulings = self._whole
        for (name, clearance), counts in self._rulings.items():
            rulings.append(Ruling(name, clearance, tuple(sorted(counts.items()))))
        return Verdict(self._clearance, tuple(self._reasons), self._masked, tuple(rulings))

    def _needed(self, finding: Finding, count: int) -> tuple[Clearance, bool]:
        """What all rules leave of the clearance, and whether one blocks. Zones that do not meet block nothing."""
        needed, blocks = ANY, False
        for policy in self._policies:
            for said in policy.rulings_on(finding, self._route, self._asker):
                clearance = said[1]
                needed = needed.join(clearance)
                blocks = blocks or clearance.is_nowhere
                counts = self._rulings.get(said)
                if counts is None:
                    counts = self._rulings[said] = {}
                counts[finding.type] = counts.get(finding.type, 0) + count
        return needed, blocks


def _kinds(findings: tuple[Finding, ...]) -> dict[tuple[str, float], tuple[Finding, int]]:
    """One finding of each type and confidence, and how many there are: no rule can tell them apart."""
    kinds: dict[tuple[str, float], tuple[Finding, int]] = {}
    for finding in findings:
        kind = finding.type, finding.confidence
        before = kinds.get(kind)
        kinds[kind] = (finding, 1 if before is None else before[1] + 1)
    return kinds


def _counts(counts: dict[str, int]) -> str:
    return ",".join(f"{name}:{count}" for name, count in sorted(counts.items()))
