"""The contract of stored keys, on SQLite and on PostgreSQL: nothing is lost, nothing there twice, no key in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, text

from gateway.access.changes import Hand
from gateway.access.store import AccessStore, GivenUp
from gateway.access.stored import News, Seen, Shelf
from gateway.access.terms import KeyTerms, TeamTerms
from gateway.config.quota import Budget, Limits
from gateway.stores.sql import DatabaseUnavailable
from gateway.wire.errors import BadRequest, Conflict, GatewayError
from tests.gateway.access.samples import HASH, NOW, hand, registry

ONE = Decimal(1)
ALL = KeyTerms(
    owner="ann@example.com",
    team="lab",
    routes=("auto",),
    role="viewer",
    tags=("project=x", "Ünï"),
    locality="local",
    region="fr",
    limits=Limits(requests_per_minute=60),
    budgets={"month": Budget(amount=Decimal("0.10"), period="month", alerts=(Decimal("0.5"),))},
)


@pytest.fixture
def store(sql_url: str) -> Iterator[AccessStore]:
    opened = AccessStore.open(sql_url, 10)
    yield opened
    opened.close()


def test_a_key_comes_back_as_it_was_made(store: AccessStore) -> None:
    made = registry(store).new_key("ann", ALL, NOW + 60, hand())
    found = store.key("ann")
    assert found == made.key
    assert found is not None
    assert (found.terms, found.made_at, found.made_by, found.expires_at) == (ALL, NOW, "root", NOW + 60)
    assert store.key("bob") is None
    assert store.list_keys() == [found]
    (secret,) = found.secrets
    assert secret.digest == HASH.digest(made.secret.encode())
    assert secret.shown == made.secret[:8] + "…"


def test_lists_are_by_name_in_pages(store: AccessStore) -> None:
    register = registry(store)
    for name in ("b", "a", "B", "c", "_".join("de")):
        register.new_key(name, KeyTerms(team="x" if name in "ab" else None), None, hand())
    names = [key.name for key in store.list_keys()]
    assert names == sorted(names) == ["B", "a", "b", "c", "d_e"]
    assert [key.name for key in store.list_keys(after="a", limit=2)] == ["b", "c"]
    assert [key.name for key in store.list_keys(team="x")] == ["a", "b"]
    assert [key.name for key in store.list_keys(besides={"a", "B"}, limit=2)] == ["b", "c"]


def test_news_are_what_has_changed_since(store: AccessStore) -> None:
    register = registry(store)
    first = store.news(None)
    assert first is not None
    assert (first.whole, first.keys, first.teams) == (True, (), ())
    assert store.news(first.seen) is None
    register.new_key("ann", ALL, None, hand())
    register.new_key("bob", KeyTerms(), None, hand())
    register.new_team("lab", TeamTerms(region="fr"), hand())
    second = store.news(first.seen)
    assert second is not None
    assert (second.whole, [key.name for key in second.keys]) == (False, ["ann", "bob"])
    assert [(team.name, team.terms) for team in second.teams] == [("lab", TeamTerms(region="fr"))]
    register.revoke_key("bob", hand(NOW + 1))
    third = store.news(second.seen)
    assert third is not None
    ((name, *_, revoked, secrets),) = third.keys
    assert (name, revoked, secrets) == ("bob", NOW + 1, ())
    assert store.news(third.seen) is None


@pytest.mark.parametrize("seen", [Seen("another", 1), Seen("", 10**9)])
def test_of_another_database_or_an_older_one_everything_is_news(store: AccessStore, seen: Seen) -> None:
    registry(store).new_key("ann", ALL, None, hand())
    now = store.news(None)
    assert now is not None
    news = store.news(seen if seen.epoch else Seen(now.seen.epoch, seen.version))
    assert news is not None
    assert (news.whole, [key.name for key in news.keys]) == (True, ["ann"])


def test_rotation_leaves_both_for_a_while(store: AccessStore) -> None:
    register = registry(store)
    first = register.new_key("ann", ALL, None, hand())
    second = register.rotate_key("ann", 100, hand(NOW + 10))
    assert second.secret != first.secret
    key = store.key("ann")
    assert key is not None
    assert [(one.shown[:8], one.until) for one in key.secrets] == [
        (first.secret[:8], NOW + 110),
        (second.secret[:8], None),
    ]
    register.rotate_key("ann", 1000, hand(NOW + 20))  # which gives the first one no more time
    key = store.key("ann")
    assert key is not None
    assert [one.until for one in key.secrets] == [NOW + 110, NOW + 1020, None]
    register.rotate_key("ann", 0, hand(NOW + 500))  # what has ended is gone
    key = store.key("ann")
    assert key is not None
    assert [one.until for one in key.secrets] == [None]


def test_a_revoked_key_is_gone_for_good_and_so_is_its_name(store: AccessStore) -> None:
    register = registry(store)
    register.new_key("ann", ALL, None, hand())
    register.revoke_key("ann", hand(NOW + 5))
    assert register.revoke_key("ann", hand(NOW + 9)).revoked_at == NOW + 5
    for change in (
        lambda: register.new_key("ann", ALL, None, hand()),
        lambda: register.rotate_key("ann", 5, hand()),
        lambda: register.change_key("ann", lambda _: (ALL, None), hand()),
    ):
        with pytest.raises(Conflict):
            change()
    key = store.key("ann")
    assert key is not None
    assert (key.secrets, key.status(NOW)) == ((), "revoked")


@pytest.mark.parametrize(
    ("name", "terms", "expires_at", "param"),
    [
        ("a b", KeyTerms(), None, "name"),
        ("", KeyTerms(), None, "name"),
        ("generated", KeyTerms(), None, "name"),
        ("anonymous", KeyTerms(), None, "name"),
        ("ops", KeyTerms(), None, "name"),  # the configuration has it
        ("a", KeyTerms(team="b c"), None, "team"),
        ("a", KeyTerms(routes=("auto", "nowhere")), None, "routes[1]"),
        ("a", KeyTerms(locality="home+"), None, "locality"),
        ("a", KeyTerms(region="A B"), None, "region"),
        ("a", KeyTerms(tags=("a,b",)), None, "tags[0]"),
        ("a", KeyTerms(), NOW, "expires_at"),
        ("a", KeyTerms(budgets={"x": Budget(amount=ONE)}), None, "budgets.x"),
        ("a", KeyTerms(budgets={"x": Budget(amount=ONE, period="day", key="b")}), None, "budgets.x"),
        ("a", KeyTerms(budgets={"x": Budget(amount=ONE, rolling="fortnight")}), None, "budgets.x.rolling"),
        (
            "a",
            KeyTerms(budgets={"x": Budget(amount=ONE, period="day", timezone="Mars")}),
            None,
            "budgets.x.timezone",
        ),
        ("a", KeyTerms(budgets={"x y": Budget(amount=ONE, period="day")}), None, "budgets.x y"),
    ],
)
def test_what_the_configuration_would_refuse_is_refused(
    store: AccessStore, name: str, terms: KeyTerms, expires_at: float | None, param: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        registry(store).new_key(name, terms, expires_at, hand())
    assert caught.value.param == param
    assert store.list_keys() == []
    assert store.events(limit=9) == []


def test_a_change_is_by_whoever_made_it_and_says_what(store: AccessStore) -> None:
    register = registry(store)
    made = register.new_key("ann", KeyTerms(team="lab"), None, hand())
    register.change_key("ann", lambda _: (KeyTerms(team="lab", role="admin"), NOW + 99), hand(NOW + 1, "bob"))
    register.change_key("ann", lambda key: (key.terms, key.expires_at), hand(NOW + 2, "bob"))
    again = register.rotate_key("ann", 60, hand(NOW + 3, "carl"))
    register.revoke_key("ann", hand(NOW + 4, "dora"))
    events = store.events(limit=9)
    assert [(event.at - NOW, event.actor, event.action, event.kind, event.name) for event in events] == [
        (4, "dora", "key.revoked", "key", "ann"),
        (3, "carl", "key.rotated", "key", "ann"),
        (1, "bob", "key.changed", "key", "ann"),
        (0, "root", "key.created", "key", "ann"),
    ]
    assert events[2].said == {"role": "admin", "expires_at": NOW + 99}
    assert events[3].said["key"] == made.secret[:8] + "…"
    assert made.secret not in repr(events)
    assert again.secret not in repr(events)
    assert [event.action for event in store.events(before=events[1].id, limit=1)] == ["key.changed"]
    assert store.events(limit=9, name="bob") == []


def test_teams_are_made_changed_and_removed_unless_somebody_belongs_to_them(store: AccessStore) -> None:
    register = registry(store)
    register.new_team("lab", TeamTerms(locality="local"), hand())
    register.new_team("empty", TeamTerms(), hand())
    for refused in ("lab", "house", "a b"):
        with pytest.raises(BadRequest):
            register.new_team(refused, TeamTerms(), hand())
    changed = register.change_team("lab", lambda _: TeamTerms(locality="local", region="fr"), hand())
    assert store.team("lab") == changed
    register.new_key("ann", KeyTerms(team="lab"), None, hand())
    with pytest.raises(Conflict, match="A key belongs to the team 'lab'"):
        register.remove_team("lab", hand())
    register.revoke_key("ann", hand())
    register.remove_team("lab", hand())
    assert [team.name for team in store.list_teams()] == ["empty"]
    for gone in ("lab", "house"):  # the second stands in the configuration
        with pytest.raises(GatewayError):
            register.remove_team(gone, hand())


def test_a_team_of_configured_keys_is_not_removed(store: AccessStore) -> None:
    register = registry(store)
    register.new_team("night", TeamTerms(locality="local"), hand())
    with pytest.raises(Conflict):
        register.remove_team("night", hand())


def test_a_name_is_given_once_however_many_ask_at_once(store: AccessStore) -> None:
    register = registry(store)

    def ask(number: int) -> str | None:
        try:
            return register.new_key("ann", KeyTerms(), None, hand(NOW + number)).secret
        except Conflict:
            return None

    with ThreadPoolExecutor(8) as threads:
        given = [secret for secret in threads.map(ask, range(16)) if secret]
    assert len(given) == 1
    key = store.key("ann")
    assert key is not None
    assert key.secrets[0].digest == HASH.digest(given[0].encode())
    assert len(store.events(limit=99)) == 1


def test_every_change_counts_one_up_however_many_are_made_at_once(store: AccessStore) -> None:
    register = registry(store)
    register.new_key("ann", KeyTerms(), None, hand())
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: register.rotate_key("ann", 50, hand(NOW + number)), range(16)))
    news = store.news(None)
    assert news is not None
    assert news.seen.version == 17
    assert sum(one.until is None for one in news.keys[0].secrets) == 1


def test_what_nobody_waits_for_any_more_is_not_done(store: AccessStore) -> None:
    with pytest.raises(GivenUp):
        registry(store).new_key("ann", KeyTerms(), None, Hand("root", NOW, lambda: True))
    assert store.list_keys() == []


@pytest.mark.parametrize(
    "terms",
    [
        {"only_on": "sundays"},
        {"limits": {"requests_per_day": 5}},
        {"budgets": {"month": {"amount": "5", "period": "month", "only_on": "sundays"}}},
        {"locality": "by ship"},
        {"budgets": {"month": {"amount": "5", "rolling": "2y"}}},
        {"budgets": {"month": {"amount": "5", "period": "day", "timezone": "Mars/Phobos"}}},
    ],
)
def test_terms_of_a_later_release_let_nobody_in(store: AccessStore, sql_url: str, terms: dict[str, object]) -> None:
    register = registry(store)
    register.new_key("ann", KeyTerms(team="lab"), None, hand())
    register.new_team("lab", TeamTerms(), hand())
    engine = create_engine(sql_url.replace("postgresql://", "postgresql+pg8000://"))
    with engine.begin() as connection:
        for table in ("access_keys", "access_teams"):
            connection.execute(text(f"UPDATE {table} SET terms = :terms"), {"terms": json.dumps(terms)})  # noqa: S608
    engine.dispose()
    key, team = store.key("ann"), store.team("lab")
    assert key is not None
    assert team is not None
    assert (key.terms.routes, key.terms.locality, team.terms.locality) == ((), "local", "local")


def test_tables_of_a_later_release_are_left_alone(store: AccessStore, sql_url: str) -> None:
    engine = create_engine(sql_url.replace("postgresql://", "postgresql+pg8000://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE access_state SET schema = 2"))
    engine.dispose()
    with pytest.raises(DatabaseUnavailable, match="version 2"):
        AccessStore.open(sql_url, 10)


def test_a_shelf_has_what_is_good_and_nothing_else(store: AccessStore) -> None:
    register = registry(store)
    ann = register.new_key("ann", KeyTerms(), NOW + 50, hand())
    bob = register.new_key("bob", KeyTerms(), None, hand())
    shelf = Shelf().after(_news(store, None), HASH.mark)
    assert {held.key.name: held.until for held in shelf.held.values()} == {"ann": NOW + 50, "bob": None}
    again = register.rotate_key("ann", 10, hand())
    register.revoke_key("bob", hand())
    after = shelf.after(_news(store, shelf.seen), HASH.mark)
    ends = {secret: after.held[HASH.digest(secret.encode())].until for secret in (ann.secret, again.secret)}
    assert ends == {ann.secret: NOW + 10, again.secret: NOW + 50}
    assert HASH.digest(bob.secret.encode()) not in after.held
    assert len(shelf.held) == 2, "a shelf that somebody still reads has changed"
    strange = Shelf().after(_news(store, None), "another")
    assert (dict(strange.held), strange.strange) == ({}, 1)


def _news(store: AccessStore, seen: Seen | None) -> News:
    news = store.news(seen)
    assert news is not None
    return news
