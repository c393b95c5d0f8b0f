"""What is kept to learn from, as if it had been asked and judged: generated traffic in a store."""

from __future__ import annotations

from gateway.learning.sample import Label, Sample, Source
from gateway.learning.store import LearningStore
from router.difficulty.features import read
from router.difficulty.model import DifficultyModel
from router.difficulty.sample import pack
from router.difficulty.view import view_of_text
from tests.router.difficulty.relearning.traffic import SHIPPED, Asked


def teach(
    url: str,
    asked: list[Asked],
    *,
    ended: float,
    served: DifficultyModel = SHIPPED,
    source: Source = "thumbs",
    route: str = "auto",
    turned: bool = False,
) -> None:
    """The requests, one a second up to `ended`, with thumbs on the small model's answers; `turned` around."""
    samples, labels = [], []
    for number, one in enumerate(asked):
        at, request = ended - len(asked) + number, f"{source}-{ended:.0f}-{number}"
        view = view_of_text(one.text)
        reading = read(view)
        difficulty = served.estimate_view(view).probability
        samples.append(Sample(request, at, one.key, None, route, "small", "large", "small", difficulty, pack(reading)))
        weak = float(one.good != turned)
        labels.append(Label(request, at, source, one.key, weak, None, 1.0))
    store = LearningStore.open(url)
    try:
        store.keep(samples)
        store.label(labels)
    finally:
        store.close()
