"""LearningStore: keeps samples and labels, gives them out to learn from, forgets them.

It waits for the database, so it is asked in a thread (`gateway.stores.sql_link`) or from the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple, Self

from sqlalchemy import ColumnElement, delete, false, func, or_, select

from gateway.learning.sample import Label, LabelledRow, Sample
from gateway.learning.tables import LABELS, SAMPLES, inserting, made
from gateway.stores.sql import WAIT_SECONDS, Database
from router.difficulty.sample import unpack

MOST_ROWS = 200_000  # given out at once: some 300 MB as readings
_AT_ONCE = 500  # rows fetched in one go


class Count(NamedTuple):
    """How many labels there are of a kind. `source` is empty for samples without any."""

    route: str
    small: str
    source: str
    rows: int


class Forgotten(NamedTuple):
    """How many rows are no longer there."""

    samples: int
    labels: int


class _Database(Database):
    name: ClassVar[str] = "learning"
    survives_power_loss: ClassVar[bool] = False


class LearningStore:
    """Every method raises `DatabaseUnavailable` when the database is away."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, wait_seconds: float = WAIT_SECONDS) -> Self:
        """Connects, and makes the tables where there are none."""
        return cls(_Database.opened(url, wait_seconds, made))

    def keep(self, samples: Sequence[Sample]) -> None:
        """One that is there already stays as it is, so this can be done again after a failure."""
        if samples:
            with self._database.writing() as connection:
                statement = inserting(connection, SAMPLES).on_conflict_do_nothing(index_elements=["request_id"])
                connection.execute(statement, [sample._asdict() for sample in samples])

    def label(self, labels: Sequence[Label]) -> None:
        """A later label takes the place of an earlier one with the same id; whether there is a sample is not asked."""
        if labels:
            with self._database.writing() as connection:
                statement = inserting(connection, LABELS)
                new = statement.excluded
                kept = {column.name: new[column.name] for column in LABELS.columns if column.name != "id"}
                statement = statement.on_conflict_do_update(
                    index_elements=["id"], set_=kept, where=LABELS.c.at <= new["at"]
                )
                connection.execute(statement, [{"id": label.id, **label._asdict()} for label in labels])

    def sample(self, request_id: str) -> Sample | None:
        with self._database.reading() as connection:
            found = connection.execute(select(SAMPLES).where(SAMPLES.c.request_id == request_id)).one_or_none()
        return None if found is None else Sample(*found)

    def rows(self, deployment: str, since: float = 0.0, *, most: int = MOST_ROWS) -> list[LabelledRow]:
        """The labels since then of requests with this small deployment, the earliest first; if there are more, the
        latest. A sample that a release with other features has packed is left out."""
        columns = (SAMPLES.c.features, SAMPLES.c.route, LABELS)
        wanted = (SAMPLES.c.small == deployment) & (LABELS.c.at >= since)
        query = select(*columns).join(LABELS, LABELS.c.request_id == SAMPLES.c.request_id).where(wanted)
        found = []
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(LABELS.c.at.desc(), LABELS.c.id).limit(most)):
                try:
                    reading = unpack(bytes(row.features))
                except ValueError:
                    continue
                said = row.weak, row.strong, row.weight, row.key, row.source, row.at
                found.append(LabelledRow(reading, *said, row.request_id, row.route))
        found.reverse()
        return found

    def labelled(self) -> Iterator[tuple[Sample, Label]]:
        """Everything that has a label, the earliest request first; fetched as it is read."""
        query = select(SAMPLES, LABELS).join(LABELS, LABELS.c.request_id == SAMPLES.c.request_id)
        query = query.order_by(SAMPLES.c.at, SAMPLES.c.request_id, LABELS.c.id)
        with self._database.reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
                yield Sample(*row[: len(SAMPLES.columns)]), Label(*row[len(SAMPLES.columns) + 1 :])

    def asked(self, deployment: str, since: float, *, most: int) -> list[Sample]:
        """The latest requests since then with this small deployment and a difficulty, labelled or not."""
        wanted = (SAMPLES.c.small == deployment) & (SAMPLES.c.at >= since) & SAMPLES.c.difficulty.is_not(None)
        query = select(SAMPLES).where(wanted).order_by(SAMPLES.c.at.desc()).limit(most)
        with self._database.reading() as connection:
            return [Sample(*row) for row in connection.execute(query)]

    def told(self, deployment: str, since: float, *, most: int) -> list[tuple[Sample, Label]]:
        """The latest labels since then of such requests, the latest first."""
        query = select(SAMPLES, LABELS).join(LABELS, LABELS.c.request_id == SAMPLES.c.request_id)
        query = query.where((SAMPLES.c.small == deployment) & (LABELS.c.at >= since))
        width = len(SAMPLES.columns)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(LABELS.c.at.desc(), LABELS.c.id).limit(most))
            return [(Sample(*row[:width]), Label(*row[width + 1 :])) for row in found]

    def counts(self) -> list[Count]:
        """Labels by route, small deployment and source; samples without a label as well."""
        query = (
            select(SAMPLES.c.route, SAMPLES.c.small, func.coalesce(LABELS.c.source, ""), func.count())
            .join(LABELS, LABELS.c.request_id == SAMPLES.c.request_id, isouter=True)
            .group_by(SAMPLES.c.route, SAMPLES.c.small, LABELS.c.source)
        )
        with self._database.reading() as connection:
            return sorted(Count(*row) for row in connection.execute(query))

    def forget_request(self, request_id: str) -> Forgotten:
        """The sample, and what was said of it."""
        return self._forget(SAMPLES.c.request_id == request_id, LABELS.c.request_id == request_id)

    def forget_key(self, key: str) -> Forgotten:
        """All that a key has asked, what anybody said of it, and what the key said of anything."""
        return self._forget(SAMPLES.c.key == key, LABELS.c.key == key)

    def forget_before(self, at: float) -> Forgotten:
        """All that was asked before, what was said of it, and what was said before."""
        return self._forget(SAMPLES.c.at < at, LABELS.c.at < at)

    def trim(self, most: int) -> Forgotten:
        """All but the latest `most` samples."""
        latest = select(SAMPLES.c.at).order_by(SAMPLES.c.at.desc()).offset(most).limit(1)
        with self._database.reading() as connection:
            first = connection.execute(latest).scalar()
        return Forgotten(0, 0) if first is None else self._forget(SAMPLES.c.at <= first, false())

    def close(self) -> None:
        self._database.close()

    def _forget(self, samples: ColumnElement[bool], labels: ColumnElement[bool]) -> Forgotten:
        """These samples and all that was said of them, and these labels."""
        theirs = LABELS.c.request_id.in_(select(SAMPLES.c.request_id).where(samples))
        with self._database.writing() as connection:
            said = connection.execute(delete(LABELS).where(or_(labels, theirs))).rowcount
            return Forgotten(connection.execute(delete(SAMPLES).where(samples)).rowcount, said)
