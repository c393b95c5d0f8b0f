"""Study: one run of `tidegate learn` for one deployment: labels from the store, a challenger, perhaps a new champion.

Loads NumPy and scikit-learn: for the command line and its process only.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from gateway.learning.drift import Bins
from gateway.learning.heads import Heads, Reign
from gateway.learning.sample import Sample
from gateway.learning.store import LearningStore
from router.artifact import ArtifactError
from router.difficulty import vectors
from router.difficulty.features import FEATURES_VERSION, Reading
from router.difficulty.model import DifficultyModel
from router.difficulty.relearning.gates import NOTHING, Permission
from router.difficulty.relearning.lineage import LEARNED, carried, root_of
from router.difficulty.relearning.relearn import Relearned, relearn
from router.difficulty.relearning.told import TRUSTED, Told
from router.difficulty.sample import unpack

DAY = 86_400.0  # seconds
MOST_LABELS = 50_000
MOST_ASKED = 20_000
UNSURE = 15.0  # seconds after a change of heads during which either may have answered


@dataclass(frozen=True, slots=True)
class Studied:
    """What came of it. `left_out`: labels that could not be used, by the reason."""

    deployment: str
    result: Relearned
    labels: int
    left_out: Mapping[str, int]
    promoted: bool
    champion: str

    def card(self) -> dict[str, Any]:
        result = self.result
        return {
            "deployment": self.deployment,
            "promoted": self.promoted,
            "passed": result.passed,
            "labels": self.labels,
            "prompts": result.rows,
            "trusted": result.trusted,
            "left_out": dict(self.left_out),
            "champion": self.champion,
            "gates": [gate.card() for gate in result.gates],
            "figures": {name: pair.card() for name, pair in result.figures.items()},
            "keys": [
                {
                    "name": view.name,
                    "prompts": view.rows,
                    "share": round(view.raw, 4),
                    "weight": round(view.weighed, 4),
                    "gain": round(view.gain, 4),
                    "without": None if view.without is None else view.without.card(),
                    "against": view.against,
                    "where": view.where,
                }
                for view in result.keys
            ],
        }


class FileRow(NamedTuple):
    """What a file says of one prompt: how good both models' answers are, 0..1."""

    reading: Reading
    weak: float
    strong: float


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be learned: labels of the last `days`; not those of the keys in `without`."""

    now: float
    days: float = 30.0
    may: Permission = NOTHING
    without: Collection[str] = ()
    dry_run: bool = False
    file: Sequence[FileRow] = ()
    """Labelled by the operator: trusted."""


def study(
    store: LearningStore,
    heads: Heads,
    deployment: str,
    routes: Collection[str],
    root: DifficultyModel,
    request: Request,
) -> Studied:
    """Fits, judges and, if all gates hold and it is no dry run, promotes. To be done inside `heads.changing()`.

    `routes` are those that ask this head; `root` serves where nothing was learned.
    Raises `ArtifactError`, `HeadsError` and `DatabaseUnavailable`.
    """
    family = Family.of(heads, root)
    labels, left_out = _told(store, deployment, routes, request, family)
    labels += _of_file(request, family.champion, labels)
    result = relearn(family.champion, labels, request.may)
    promoted = False
    if result.challenger is not None and not request.dry_run:
        _on_trial(heads, result, _bins(store, deployment, request, family, result.challenger), request.now)
        if result.passed:
            heads.promote(request.now)
            promoted = True
    checksum = str(family.champion.card.get("sha256", ""))
    return Studied(deployment, result, len(labels), left_out, promoted, checksum)


@dataclass(frozen=True, slots=True)
class Family:
    """The champion, and every head whose answers can be carried over to it, by checksum."""

    champion: DifficultyModel
    members: Mapping[str, DifficultyModel]
    reigns: tuple[Reign, ...]
    root: str

    @classmethod
    def of(cls, heads: Heads, root: DifficultyModel) -> Family:
        """Raises `ArtifactError` where the champion is damaged. One of another release serves no more: it is as if
        there were none, and what was asked since then was asked of the root."""
        path = heads.champion()
        if path is not None and _is_of_another_release(heads):
            return cls(root, {_checksum(root): root}, (), _checksum(root))
        champion = root if path is None else DifficultyModel.load(path)
        members = {_checksum(root): root, _checksum(champion): champion}
        for head in heads.all():
            if head.checksum not in members:
                try:
                    members[head.checksum] = DifficultyModel.load(head.path)
                except ArtifactError:
                    continue  # of another release: what it said cannot be used, and is left out as such
        own = root_of(champion)
        related = {checksum: model for checksum, model in members.items() if root_of(model) == own}
        reigns = tuple(heads.reigns())
        if path is not None and not reigns:  # copied here from another machine, without its history
            since = champion.card.get(LEARNED, {}).get("at", -math.inf)
            reigns = (Reign(float(since), _checksum(champion)),)
        return cls(champion, related, reigns, _checksum(root))

    def served(self, at: float) -> DifficultyModel | None:
        """The head that answered then; `None` where that is not known, or is of another family."""
        number = bisect_right([reign.at for reign in self.reigns], at)
        if number and at < self.reigns[number - 1].at + UNSURE:
            return None
        checksum = (self.reigns[number - 1].head if number else "") or self.root
        return self.members.get(checksum)

    def logit(self, sample: Sample, other: DifficultyModel) -> float | None:
        """Of the probability that `other` would have given; `None` where that cannot be told."""
        served = self.served(sample.at)
        if served is None or sample.difficulty is None:
            return None
        return carried(sample.difficulty, unpack(sample.features), served, other)


def _told(
    store: LearningStore, deployment: str, routes: Collection[str], request: Request, family: Family
) -> tuple[list[Told], Mapping[str, int]]:
    left_out: Counter[str] = Counter()
    out = []
    for sample, label in store.told(deployment, request.now - request.days * DAY, most=MOST_LABELS):
        if label.source not in TRUSTED and label.key in request.without:
            left_out["of keys that are left out"] += 1
            continue
        if sample.route not in routes:
            left_out["of routes that ask another head"] += 1
            continue
        try:
            reading = unpack(sample.features)
        except ValueError:
            left_out["of another release"] += 1
            continue
        logit = family.logit(sample, family.champion)
        if logit is None:
            left_out["without a difficulty" if sample.difficulty is None else "of an unknown head"] += 1
            continue
        said = label.weak, label.strong, label.weight
        whose = label.key or sample.key  # what the gateway has noticed itself counts as said by who asked
        out.append(Told(sample.request_id, sample.at, whose, label.source, reading, logit, *said))
    return out, left_out


def _of_file(request: Request, champion: DifficultyModel, labels: Sequence[Told]) -> list[Told]:
    """Spread over the time of the labels from use, so that every stretch of it has some of them."""
    times = [label.at for label in labels] or [request.now]
    first, step = min(times), (max(times) - min(times)) / max(1, len(request.file))
    out = []
    for number, row in enumerate(request.file):
        logit = champion.calibration.slope * champion.score(row.reading) + champion.calibration.shift
        name, at = f"file:{number}", first + number * step
        out.append(Told(name, at, "", "file", row.reading, logit, row.weak, row.strong))
    return out


def _bins(
    store: LearningStore, deployment: str, request: Request, family: Family, challenger: DifficultyModel
) -> Bins | None:
    """How difficult the challenger finds what was asked lately, labelled or not."""
    found = []
    for sample in store.asked(deployment, request.now - request.days * DAY, most=MOST_ASKED):
        try:
            logit = family.logit(sample, challenger)
        except ValueError:
            continue  # of another release
        if logit is not None:
            found.append(0.5 * (1 + math.tanh(0.5 * logit)))
    return Bins.cut(found)


def _on_trial(heads: Heads, result: Relearned, bins: Bins | None, now: float) -> None:
    challenger = result.challenger
    if challenger is None:
        return
    card = {
        "version": "1",
        "means": "probability that the small model falls short of the large one, on prompts that one gets right",
        "sources": {"own traffic": "labels from use; licence not recorded"},
        "rows": {"own": result.rows, "trusted": result.trusted},
        "recipe": {"strength": result.strength, "factor": result.factor},
        "figures": {name: pair.card() for name, pair in result.figures.items()},
        "gates": [gate.card() for gate in result.gates],
        LEARNED: {**challenger.card[LEARNED], "at": now},
    }
    if bins is not None:
        card["difficulty"] = bins.card()
    replace(challenger, card=card).save(heads.draft())
    heads.on_trial()


def _is_of_another_release(heads: Heads) -> bool:
    card = heads.all()[0].card
    return "features_version" in card and (
        card["features_version"] != FEATURES_VERSION or card.get("word_vectors") != vectors.checksum()
    )


def _checksum(model: DifficultyModel) -> str:
    return str(model.card.get("sha256", ""))
