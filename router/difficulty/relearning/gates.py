"""Gates: the conditions of a promotion. All must hold; each says what was found.

They are there for two reasons. A challenger that is no better is not worth a change, and labels come from whoever may
send them: made up, turned around, or many from one. What no gate can see: everybody lying in the same way about prompts
that nobody else judges, where the champion knows nothing. Trusted labels (`shadow`, `file`) are the answer to that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from router.difficulty.evaluation import Interval
from router.difficulty.relearning.anchors import Standing
from router.difficulty.relearning.disputes import Dispute
from router.difficulty.relearning.dissent import KeyView
from router.difficulty.relearning.told import Evidence

MIN_ROWS = 100
MIN_KIND = 20.0
MIN_TRUSTED = 20
ALMOST_ALL = 0.8
MARGIN = 0.01  # log-loss
NEWEST_MARGIN = 0.02
ANCHOR_RANKING, ANCHOR_RIGHT, ANCHOR_EVERYDAY = 0.04, 0.1, 0.15


@dataclass(frozen=True, slots=True)
class Gate:
    """`found` is for people; `remedy` says what to do where it did not hold."""

    name: str
    held: bool
    found: str
    remedy: str = ""

    def card(self) -> dict[str, object]:
        return {"name": self.name, "held": self.held, "found": self.found}


@dataclass(frozen=True, slots=True)
class Permission:
    """What an operator allows. `one_key`: a single key may carry a promotion."""

    one_key: bool = False


NOTHING = Permission()


@dataclass(frozen=True, slots=True)
class Findings:
    """All that gates look at. Gains are in log-loss, above 0 is better; `trusted_gain` is `None` without such rows."""

    found: Evidence
    gain: Interval
    newest_gain: float
    old_ranking: Interval
    new_ranking: Interval
    trusted_gain: Interval | None
    anchors: tuple[Standing, Standing]
    keys: tuple[KeyView, ...]
    disputes: tuple[Dispute, ...]


def counted(found: Evidence) -> tuple[Gate, Gate]:
    """What is asked before anything is fitted."""
    rows = int(np.unique(found.group).size)
    hard, easy = float(found.share @ found.said), float((1 - found.share) @ found.said)
    return (
        Gate("rows", rows >= MIN_ROWS, f"{rows} prompts, {MIN_ROWS} are needed", "wait for more labels"),
        Gate(
            "kinds",
            min(hard, easy) >= MIN_KIND,
            f"{hard:.0f} say that the large model is needed, {easy:.0f} that the small one is good enough; "
            f"{MIN_KIND:.0f} of each are needed",
            "labels of one kind only tell nothing apart; switch shadow evaluation on, or add rows (--data)",
        ),
    )


def judged(findings: Findings, may: Permission) -> tuple[Gate, ...]:
    """All gates but those of `counted`."""
    return (
        _better(findings),
        _newest(findings),
        _ranks(findings),
        _plausible(findings),
        _trusted(findings),
        _anchors(findings),
        _several(findings, may),
        _left_out(findings, may),
        _most(findings, may),
        _agreement(findings),
        _undisputed(findings),
    )


def _better(findings: Findings) -> Gate:
    return Gate(
        "better",
        _above(findings.gain, 0.0),
        f"on rows held back, log-loss smaller by {findings.gain}",
        "the labels do not show that the new head is better; wait for more",
    )


def _newest(findings: Findings) -> Gate:
    found = f"on the newest fifth, fitted to what is older, smaller by {findings.newest_gain:.3f}"
    return Gate("newest", findings.newest_gain >= -NEWEST_MARGIN, found, "the traffic or its judges have changed")


def _ranks(findings: Findings) -> Gate:
    return Gate(
        "ranks",
        _above(findings.new_ranking, 0.5),
        f"AUROC of the new head {findings.new_ranking}, it must be above 0.5",
        "prompts do not tell what these labels say: they may be random, or too few",
    )


def _plausible(findings: Findings) -> Gate:
    """Labels that the champion ranks the wrong way round are either of quite another traffic, or turned around."""
    turned = findings.old_ranking.high is not None and findings.old_ranking.high < 0.5
    trusted = findings.trusted_gain is not None and _above(findings.trusted_gain, 0.0)
    return Gate(
        "plausible",
        not turned or trusted,
        f"AUROC of the old head {findings.old_ranking}" + (", below a coin" if turned else ""),
        "labels that turn what is known around need trusted ones that say the same (shadow, --data)",
    )


def _trusted(findings: Findings) -> Gate:
    gain, rows = findings.trusted_gain, int(findings.found.trusted.sum())
    if gain is None or gain.value is None:
        return Gate("trusted", True, f"{rows} trusted rows, too few to ask")
    return Gate(
        "trusted",
        gain.value >= -MARGIN,
        f"on {rows} trusted rows, log-loss smaller by {gain}",
        "what users say and what shadow or file say differ: look at the keys",
    )


def _anchors(findings: Findings) -> Gate:
    old, new = findings.anchors
    held = (
        new.auroc >= old.auroc - ANCHOR_RANKING
        and new.right >= old.right - ANCHOR_RIGHT
        and new.everyday >= old.everyday - ANCHOR_EVERYDAY
    )
    return Gate(
        "anchors",
        held,
        f"everyday and involved prompts told apart: AUROC {old.auroc:.2f} → {new.auroc:.2f}, on the right side "
        f"{old.right:.0%} → {new.right:.0%}, everyday ones {old.everyday:.0%} → {new.everyday:.0%}",
        "the new head loses its way with prompts that every head must know",
    )


def _several(findings: Findings, may: Permission) -> Gate:
    """Whether more than one key stands behind the labels, or trusted rows do."""
    top = max(findings.keys, key=lambda view: view.raw, default=None)
    enough = findings.trusted_gain is not None and _above(findings.trusted_gain, 0.0)
    alone = top is not None and top.raw > ALMOST_ALL
    if top is None:
        return Gate("several keys", True, "trusted rows only")
    found = f"the key with most labels, {top.name}, gave {top.raw:.0%} of them"
    remedy = "let others judge too, add rows that you vouch for (--data), or pass --allow-one-key"
    return Gate("several keys", not alone or enough or may.one_key, found, remedy)


def _left_out(findings: Findings, may: Permission) -> Gate:
    asked = [view for view in findings.keys if view.without is not None]
    if may.one_key or len(findings.keys) < 2 or not asked:
        return Gate(
            "without each key", True, "not asked: one key" if not may.one_key else "not asked: one key is enough"
        )
    worst = min(asked, key=lambda view: _low(view.without))
    held = _low(worst.without) > 0
    found = f"without {worst.name}, whose absence costs most, log-loss still smaller by {worst.without} (80 %)"
    return Gate("without each key", held, found, f"the gain hangs on {worst.name}: wait for labels of others")


def _most(findings: Findings, may: Permission) -> Gate:
    """A few keys may gain as much as they like: most of those that were asked must."""
    asked = [view for view in findings.keys if view.rows >= 5]
    if may.one_key or len(asked) < 2:
        return Gate("most keys", True, "not asked: one key" if not may.one_key else "not asked: one key is enough")
    better = sum(view.gain > 0 for view in asked)
    found = f"{better} of {len(asked)} keys are served better on their own held-back rows"
    return Gate("most keys", 2 * better > len(asked), found, "what a few say does not hold for the others")


def _agreement(findings: Findings) -> Gate:
    against = [view for view in findings.keys if view.against]
    told = ", ".join(f"{view.name} ({view.against} rows: {view.where})" for view in against)
    names = " ".join(f"--without {view.name}" for view in against)
    remedy = f"find out who is right; to leave a key out: {names}"
    return Gate(
        "agreement", not against, f"against all others: {told}" if against else "no key is against all others", remedy
    )


def _undisputed(findings: Findings) -> Gate:
    if not findings.disputes:
        return Gate("undisputed", True, "keys that judge similar prompts agree")
    told = "; ".join(f"about {dispute.rows} prompts, {', '.join(dispute.keys)}" for dispute in findings.disputes)
    remedy = "find out who is right (+: says worse than expected, -: better), and leave the others out with --without"
    return Gate("undisputed", False, f"keys disagree: {told}", remedy)


def _above(interval: Interval, bound: float) -> bool:
    return interval.low is not None and interval.low > bound


def _low(interval: Interval | None) -> float:
    return -np.inf if interval is None or interval.low is None else interval.low
