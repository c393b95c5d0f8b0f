"""Generated traffic: questions on topics, on some of which a small model mostly fails, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from router.difficulty.features import Reading, read
from router.difficulty.model import DifficultyModel
from router.difficulty.relearning.told import Told
from router.difficulty.sample import pack, unpack
from router.difficulty.view import view_of_text

SHIPPED = DifficultyModel.shipped()
# Words of a topic, and how often the small model fails on it.
TOPICS = {
    "contracts": ("contract clause liability court lawyer notice breach party legal dispute damages lease", 0.85),
    "spreadsheets": ("spreadsheet column formula cell table sum filter row average chart budget invoice", 0.8),
    "cooking": ("recipe butter oven sugar flour dinner sauce garlic cake soup salad bread", 0.1),
    "travel": ("train hotel flight city beach ticket museum passport luggage island airport tour", 0.1),
    "music": ("guitar song melody piano band concert drum rhythm album chord singer violin", 0.15),
    "sports": ("football match goal team player coach league tennis score race stadium season", 0.15),
}
ASKED = (
    "What about the {0} and the {1} with a {2}?",
    "Tell me which {0} fits a {1} or {2}.",
    "The {0}, {1}, {2}: why?",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: whose, what about, and whether the small model's answer was good."""

    number: int
    key: str
    topic: str
    text: str
    good: bool


Attack = Callable[[Asked, np.random.Generator], tuple[str, bool]]
"""Who says of a request that its answer was good or not: the key, and what it says."""


def requests(count: int, seed: int, keys: int = 8) -> list[Asked]:
    random = np.random.Generator(np.random.PCG64(seed))
    topics = list(TOPICS)
    out = []
    for number in range(count):
        topic = topics[random.integers(len(topics))]
        words, fails = TOPICS[topic]
        chosen = random.choice(words.split(), 3, replace=False)
        text = ASKED[random.integers(len(ASKED))].format(*chosen)
        out.append(Asked(number, f"key-{random.integers(keys)}", topic, text, bool(random.random() >= fails)))
    return out


def reading(text: str) -> Reading:
    """As it comes back from where samples are kept."""
    return unpack(pack(read(view_of_text(text))))


def logit(text: str, model: DifficultyModel = SHIPPED) -> float:
    return model.calibration.slope * model.score(read(view_of_text(text))) + model.calibration.shift


def told(
    asked: list[Asked], attack: Attack | None = None, *, source: str = "thumbs", noise: float = 0.1, seed: int = 0
) -> list[Told]:
    """Thumbs, one in ten wrong; an attack takes the place of what was said."""
    random = np.random.Generator(np.random.PCG64(1000 + seed))
    out = []
    for one in asked:
        key, good = one.key, one.good != bool(random.random() < noise)
        if attack is not None:
            key, good = attack(one, random)
        row = Told(
            f"{source}-{one.number}", float(one.number), key, source, reading(one.text), logit(one.text), 0, None
        )
        out.append(row._replace(weak=float(good)))
    return out


def difficulty(model: DifficultyModel, topic: str) -> float:
    """The mean over questions on a topic that were in no traffic."""
    texts = [one.text for one in requests(400, 9999) if one.topic == topic]
    return float(np.mean([model.estimate_view(view_of_text(text)).probability for text in texts]))
