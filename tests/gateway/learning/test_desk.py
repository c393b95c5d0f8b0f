"""If these fail, one can speak of what others asked, learn that they asked, or is not heard at all."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from gateway.learning.allowance import Allowance
from gateway.learning.desk import Desk, FeedbackUnavailable
from gateway.learning.feedback import Feedback
from gateway.learning.note import opened
from gateway.learning.notebook import Notebook
from gateway.learning.sample import Label
from gateway.wire.errors import BadRequest, GatewayError, NotFound, TooManyRequests
from gateway.wire.request_id import RequestIds
from tests.gateway.learning.samples import NOW, Clock, note, stored

SECRET = "0123456789abcdef" * 4
DAY = 86_400.0
AWAY = "sqlite:////proc/no/such/learning.db"


def request_id(age: float = 1000.0, last: str = "0") -> str:
    return RequestIds(lambda: NOW - age, lambda count: bytes(count - 1) + last.encode())()


class Place:
    """A desk with its notebook. `age` of the requests is such that nothing has to be waited for."""

    def __init__(self, url: str, *, zone: str = "local", per_minute: int = 100, clock: Clock | None = None) -> None:
        clock = clock or Clock()
        self.notebook = Notebook(url, SECRET, keep_days=90, max_rows=1000, wall=clock, steady=time.monotonic)
        allowance = Allowance(per_minute, time.monotonic)
        self.desk = Desk(self.notebook, allowance, zone=zone, feedback_days=30, wall=clock)

    async def thumb(self, request: str, key: str = "dev", team: str | None = None, score: float = 1.0) -> Label:
        return (await self.desk.hear(Feedback(request, "thumbs", score), key, team))[1]


@pytest.fixture
async def place(sql_url: str) -> AsyncIterator[Place]:
    made = Place(sql_url)
    yield made
    await made.notebook.close()


async def test_who_asked_is_heard_and_so_is_their_team(place: Place, sql_url: str) -> None:
    one = request_id()
    place.notebook.note(note(one))
    assert (await place.thumb(one)).weak == 1.0
    assert (await place.thumb(one, "colleague", "research", 0.5)).weak == 0.5
    with stored(sql_url) as store:
        rows = store.rows("home")
    assert {(row.key, row.weak) for row in rows} == {("dev", 1.0), ("colleague", 0.5)}


async def test_the_last_word_counts(place: Place, sql_url: str) -> None:
    one = request_id()
    place.notebook.note(note(one))
    for score in (1.0, 0.0, 0.0):
        await place.thumb(one, score=score)
    with stored(sql_url) as store:
        assert [row.weak for row in store.rows("home")] == [0.0]


async def told(place: Place, request: str, key: str, team: str | None) -> GatewayError:
    with pytest.raises(NotFound) as caught:
        await place.thumb(request, key, team)
    return caught.value


@pytest.mark.parametrize(("key", "team"), [("other", None), ("other", "sales"), ("research", None)])
async def test_to_all_others_there_is_no_such_request(place: Place, key: str, team: str | None) -> None:
    one = request_id()
    place.notebook.note(note(one))
    foreign = await told(place, one, key, team)
    unknown = await told(place, request_id(last="1"), key, team)
    nonsense = await told(place, "x'; DROP TABLE learning_samples; --", key, team)
    assert {(error.message, error.param, error.code, error.status) for error in (foreign, unknown, nonsense)} == {
        ("No request of yours is kept under this id to learn from.", "request_id", "unknown_request", 404)
    }


async def test_a_request_without_a_team_is_of_nobodys_team(place: Place) -> None:
    one = request_id()
    place.notebook.note(note(one, team=None))
    await told(place, one, "other", None)


async def test_what_another_replica_has_just_answered_is_waited_for(place: Place, sql_url: str) -> None:
    other = Place(sql_url)
    young = request_id(1.0)
    other.notebook.note(note(young))  # and kept in a second
    assert (await place.thumb(young)).request_id == young
    await other.notebook.close()


async def test_a_stranger_waits_as_long_as_if_there_were_none(place: Place) -> None:
    """Or the time that it takes would tell that there is such a request."""
    young = request_id(1.0)
    place.notebook.note(note(young))
    started = time.monotonic()
    await told(place, young, "other", None)
    foreign = time.monotonic() - started
    started = time.monotonic()
    await told(place, request_id(1.0, "1"), "other", None)
    assert foreign > 1.0
    assert time.monotonic() - started > 1.0


async def test_after_some_days_it_is_too_late(place: Place) -> None:
    old = request_id(30 * DAY + 1)
    place.notebook.note(note(old))
    with pytest.raises(BadRequest) as caught:
        await place.thumb(old)
    assert (caught.value.code, caught.value.param) == ("too_late", "request_id")


async def test_a_flood_is_refused_whatever_it_says(sql_url: str) -> None:
    place = Place(sql_url, per_minute=2)
    one = request_id()
    place.notebook.note(note(one))
    await place.thumb(one)
    await told(place, "nonsense", "dev", None)
    with pytest.raises(TooManyRequests) as caught:
        await place.thumb(one)
    assert caught.value.retry_after is not None
    await place.notebook.close()


async def test_while_the_database_is_away_it_is_said() -> None:
    place = Place(AWAY)
    with pytest.raises(FeedbackUnavailable) as caught:
        await place.thumb(request_id())
    assert (caught.value.status, caught.value.retry_after) == (503, 1)
    await place.notebook.close()


@pytest.mark.parametrize(
    ("captured", "zone", "kept"), [(True, "local", True), (False, "local", False), (True, "cloud", False)]
)
async def test_a_corrections_words_are_kept_where_text_is_captured_and_at_home(
    sql_url: str, captured: bool, zone: str, kept: bool
) -> None:
    place = Place(sql_url, zone=zone)
    one = request_id()
    place.notebook.note(note(one, captured=captured))
    sample, label = await place.desk.hear(Feedback(one, "correction", 0.0, "It is Paris."), "dev", None)
    assert label.weak == 0.0
    assert (label.text is not None) == kept
    if label.text is not None and place.notebook.seal is not None:
        assert opened(place.notebook.seal, sample, label.text) == b"It is Paris."
    await place.notebook.close()


async def test_a_preference_is_about_two_requests_of_theirs(place: Place) -> None:
    one, other, foreign = request_id(), request_id(last="1"), request_id(last="2")
    place.notebook.note(note(one))
    place.notebook.note(note(other, went="large"))
    place.notebook.note(note(foreign, went="large", key="ops", team=None))
    _, label = await place.desk.hear(Feedback(one, "preferred", 0.0, preferred=other), "dev", None)
    assert (label.weak, label.strong) == (0.0, 1.0)
    with pytest.raises(NotFound) as caught:
        await place.desk.hear(Feedback(one, "preferred", 0.0, preferred=foreign), "dev", None)
    assert caught.value.param == "preferred"
