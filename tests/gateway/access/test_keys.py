"""Keys: whoever has one gets in as who they are, and nobody else does."""

from __future__ import annotations

import re
import timeit
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.keyed_hash import KeyedHash
from gateway.access.keys import Keyring, digest_of, generate_key, hash_key
from gateway.access.principal import Principal
from gateway.access.stored import News, Seen, Shelf, StoredKey, StoredSecret, StoredTeam
from gateway.access.terms import KeyTerms, TeamTerms
from gateway.config.kinds import Secret
from gateway.config.policy import Policy
from gateway.config.quota import NO_LIMITS, Budget, Limits
from gateway.config.rulebook import Rulebook
from gateway.config.settings import Key, Team
from gateway.wire.errors import Unauthenticated, WrongKey
from router.asker import Asker
from router.clearance import ANY, LOCAL
from tests.gateway.access.samples import HASH, NOW

ALICE, BOB = "tg-aliceAliceAliceAliceAliceAliceAlice", "tg-bobBobBobBobBobBobBobBobBobBobBobBob"
LOOKS_AT = frozenset({"team"})
RING = Keyring(
    [
        Key(name="alice", key=Secret(ALICE), team="research", routes=("auto",), locality="local"),
        Key(name="bob", hash=hash_key(BOB)),
    ]
)


def test_a_key_makes_its_principal() -> None:
    assert RING.authenticate(f"Bearer {ALICE}".encode()) == Principal("alice", "research", frozenset({"auto"}), LOCAL)
    assert RING.authenticate(f"Bearer {BOB}".encode()) == Principal("bob", None, None, ANY)
    assert RING.identify(BOB.encode()).name == "bob"


@pytest.mark.parametrize("form", ["bearer {}", "BEARER {}", "Bearer  {}", "Bearer {} "])
def test_the_scheme_is_written_in_many_ways(form: str) -> None:
    assert RING.authenticate(form.format(BOB).encode()).name == "bob"


@pytest.mark.parametrize(
    "header", [None, b"", b"Bearer", b"Bearer ", b"Bearer   ", BOB.encode(), b"Basic " + BOB.encode(), b" Bearer x"]
)
def test_a_missing_key_is_explained(header: bytes | None) -> None:
    with pytest.raises(Unauthenticated, match="You didn't provide an API key") as caught:
        RING.authenticate(header)
    assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    "key",
    ["x", BOB[:-1], BOB + "x", BOB.lower(), f"{ALICE} {BOB}", hash_key(BOB), hash_key(BOB)[7:], "tg-\u00e9", "\udcff"],
)
def test_a_wrong_key_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(Unauthenticated, match="Incorrect API key provided") as caught:
        RING.authenticate(b"Bearer " + key.encode("utf-8", "surrogateescape"))
    assert caught.value.code == "invalid_api_key"
    assert key not in caught.value.message.split()


@given(st.binary())
def test_no_other_bytes_get_in(header: bytes) -> None:
    try:
        found = RING.authenticate(header)
    except Unauthenticated:
        return
    assert header.partition(b" ")[2].strip() in (ALICE.encode(), BOB.encode()), found


def test_without_keys_nobody_gets_in() -> None:
    with pytest.raises(Unauthenticated):
        Keyring([]).authenticate(b"Bearer ")
    with pytest.raises(Unauthenticated):
        Keyring([]).authenticate(b"Bearer x")


@pytest.mark.parametrize(
    "key",
    [
        Key(name="a"),
        Key(name="a", key=Secret("")),
        Key(name="a", key=Secret(" ")),
        Key(name="a", key=Secret("k"), hash=hash_key("k")),
        Key(name="a", hash="sha256:00"),
        Key(name="a", hash=hash_key("k")[7:]),
    ],
)
def test_a_key_that_is_none_is_not_taken(key: Key) -> None:
    with pytest.raises(ValueError, match="key 'a' needs either a key or a hash"):
        Keyring([key])


def test_a_line_break_after_a_key_in_a_file_does_not_belong_to_it() -> None:
    assert Keyring([Key(name="a", key=Secret(ALICE + "\n"))]).identify(ALICE.encode()).name == "a"


def test_generated_keys_are_long_plain_and_different() -> None:
    keys = {generate_key() for _ in range(50)}
    assert len(keys) == 50
    assert all(re.fullmatch(r"tg-[A-Za-z0-9]{40}", key) for key in keys)


def test_a_hash_is_that_of_the_key() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", hash_key("k"))
    assert digest_of(Key(name="a", key=Secret("k"))) == digest_of(Key(name="a", hash=hash_key("k")))


def test_the_ring_prints_no_key() -> None:
    assert ALICE not in repr(RING)
    assert ALICE not in repr(RING.authenticate(f"Bearer {ALICE}".encode()))


def test_it_is_quick_with_many_keys() -> None:
    keys = [generate_key() for _ in range(1000)]
    ring = Keyring([Key(name=f"k{number}", key=Secret(key)) for number, key in enumerate(keys)])
    header = b"Bearer " + keys[500].encode()
    best = min(timeit.repeat(lambda: ring.authenticate(header), number=2000, repeat=10)) / 2000
    assert best < 10e-6  # a microsecond on the machine that it was written on; a hundred if keys were compared in turn


def test_what_the_team_narrows_holds_for_its_keys() -> None:
    team = Team(locality="local", region="fr", policy=Policy(preset="health"))
    book = Rulebook({"research": team}, looks_at=LOOKS_AT)
    keys = [Key(name="alice", key=Secret(ALICE), team="research"), Key(name="bob", hash=hash_key(BOB))]
    ring = Keyring(keys, (), book)
    alice, bob = ring.identify(ALICE.encode()), ring.identify(BOB.encode())
    assert (alice.clearance, alice.asker.region, len(alice.asker.policies)) == (LOCAL, "fr", 1)
    assert (bob.clearance, bob.asker) == (ANY, Asker("bob"))
    assert alice.mark != bob.mark


def test_a_key_brings_its_limits_and_those_of_its_team() -> None:
    own, shared = Limits(requests_per_minute=1), Limits(concurrent=2)
    ring = Keyring(
        [Key(name="a", hash=hash_key(ALICE), team="lab", limits=own), Key(name="b", hash=hash_key(BOB), team="other")],
        rulebook=Rulebook(teams={"lab": Team(limits=shared)}),
    )
    alice, bob = ring.identify(ALICE.encode()), ring.identify(BOB.encode())
    assert (alice.limits, alice.team_limits) == (own, shared)
    assert (bob.limits, bob.team_limits) == (NO_LIMITS, NO_LIMITS)


@dataclass
class Made:
    """Keys and teams that were made at run time."""

    keys: Mapping[str, tuple[StoredKey, str]]  # with the key itself
    teams: Mapping[str, StoredTeam]
    keyed_hash: KeyedHash = HASH
    shelf: Shelf | None = None

    def __post_init__(self) -> None:
        secrets = {
            name: StoredSecret(HASH.digest(secret.encode()), "", HASH.mark, NOW, None)
            for name, (_, secret) in self.keys.items()
        }
        keys = [key._replace(secrets=(secrets[name],)) for name, (key, _) in self.keys.items()]
        news = News(Seen("", 1), True, tuple(keys), tuple(self.teams.values()))
        self.shelf = Shelf().after(news, HASH.mark)


def stored(name: str, *, expires_at: float | None = None, **terms: Any) -> tuple[StoredKey, str]:
    return StoredKey(name, KeyTerms(**terms), NOW, "root", expires_at, None, ()), f"tg-stored-{name}"


def team(name: str, **terms: Any) -> StoredTeam:
    return StoredTeam(name, TeamTerms(**terms), NOW, "root")


def test_a_stored_key_makes_its_principal_with_what_its_team_narrows() -> None:
    month = Budget(amount=Decimal(5), period="month")
    ann = stored(
        "ann",
        team="lab",
        routes=("auto",),
        role="viewer",
        tags=("Blue",),
        limits=Limits(concurrent=2),
        budgets={"m": month},
    )
    lab = team("lab", locality="local", region="fr", limits=Limits(concurrent=9), budgets={"t": month})
    ring = Keyring([], known=Made({"ann": ann}, {"lab": lab}), clock=lambda: NOW)
    found = ring.authenticate(b"Bearer tg-stored-ann")
    assert (found.name, found.team, found.routes) == ("ann", "lab", frozenset({"auto"}))
    assert (found.clearance, found.asker.region) == (LOCAL, "fr")
    assert (str(found.role), set(found.tags)) == ("viewer", {"blue"})
    assert (found.limits.concurrent, found.team_limits.concurrent) == (2, 9)
    assert [(name, budget.key, budget.team) for name, budget in found.budgets] == [
        ("keys.ann.m", "ann", None),
        ("teams.lab.t", None, "lab"),
    ]
    assert ring.identify(b"tg-stored-ann") is found, "made anew for each request"


def test_a_stored_team_narrows_keys_of_the_configuration_too_and_that_changes() -> None:
    made = Made({}, {"lab": team("lab", locality="local")})
    keys = [Key(name="alice", key=Secret(ALICE), team="lab"), Key(name="bob", hash=hash_key(BOB))]
    ring = Keyring(keys, known=made)
    assert ring.identify(ALICE.encode()).clearance == LOCAL
    made.shelf = Made({}, {"lab": team("lab", locality="masked:eu+local")}).shelf
    assert str(ring.identify(ALICE.encode()).clearance) == "masked:eu+local"
    assert ring.identify(BOB.encode()).clearance == ANY


def test_while_nobody_can_say_what_a_team_is_bound_by_its_keys_stay_at_home() -> None:
    """A worker that starts without its database: what was made in there may be a team in zone `local`."""
    known = Made({}, {})
    known.shelf = None
    keys = [
        Key(name="alice", key=Secret(ALICE), team="lab"),
        Key(name="bob", hash=hash_key(BOB), team="house"),
        Key(name="carol", key=Secret("tg-carol-0123456789")),
    ]
    ring = Keyring(keys, (), Rulebook({"house": Team()}), known)
    assert ring.identify(ALICE.encode()).clearance == LOCAL
    assert ring.identify(BOB.encode()).clearance == ANY  # the configuration has the last word
    assert ring.identify(b"tg-carol-0123456789").clearance == ANY
    known.shelf = Made({}, {"lab": team("lab", locality="masked:eu+local")}).shelf
    assert str(ring.identify(ALICE.encode()).clearance) == "masked:eu+local"
    known.shelf = Shelf()
    assert ring.identify(ALICE.encode()).clearance == ANY


def test_those_who_have_a_name_one_after_the_other_can_be_told_apart() -> None:
    """Cached answers of a team that was removed are nothing for another one of its name."""
    key, secret = stored("ann", team="lab")
    made = Made({"ann": (key, secret)}, {"lab": team("lab")})
    ring = Keyring([Key(name="alice", key=Secret(ALICE), team="lab")], known=made)
    ann, alice = ring.identify(secret.encode()), ring.identify(ALICE.encode())
    assert ann.team_origin == alice.team_origin != ""
    assert ann.origin != alice.origin == ""
    again = StoredTeam("lab", TeamTerms(), NOW + 0.000001, "root")
    made.shelf = Made({"ann": (key._replace(made_at=NOW + 1), secret)}, {"lab": again}).shelf
    later = ring.identify(secret.encode())
    assert (later.name, later.team) == (ann.name, ann.team)
    assert (later.origin == ann.origin, later.team_origin == ann.team_origin) == (False, False)
    made.shelf = Made({"ann": (key, secret)}, {}).shelf  # a team that nobody has said anything of
    assert ring.identify(secret.encode()).team_origin == ""
    book = Rulebook({"lab": Team()})
    assert Keyring([], (), book, made).identify(secret.encode()).team_origin == ""


def test_the_configuration_has_the_last_word() -> None:
    made = Made({"alice": stored("alice", role="admin")}, {"lab": team("lab")})
    book = Rulebook({"lab": Team(locality="local")})
    ring = Keyring([Key(name="alice", key=Secret(ALICE), team="lab")], (), book, made)
    assert (ring.identify(ALICE.encode()).role, ring.identify(ALICE.encode()).clearance) == ("caller", LOCAL)
    with pytest.raises(WrongKey):
        ring.identify(b"tg-stored-alice")


def test_a_key_ends_at_its_time_to_the_moment() -> None:
    now = NOW
    ring = Keyring([], known=Made({"ann": stored("ann", expires_at=NOW + 10)}, {}), clock=lambda: now)
    assert ring.identify(b"tg-stored-ann").name == "ann"
    now = NOW + 9.9
    assert ring.identify(b"tg-stored-ann").name == "ann"
    now = NOW + 10
    with pytest.raises(Unauthenticated, match="expired") as caught:
        ring.identify(b"tg-stored-ann")
    assert not isinstance(caught.value, WrongKey), "it was no guess"


def test_it_is_quick_with_many_stored_keys() -> None:
    keys = {f"k{number}": stored(f"k{number}") for number in range(1000)}
    ring = Keyring([], known=Made(keys, {}), clock=lambda: NOW)
    best = min(timeit.repeat(lambda: ring.authenticate(b"Bearer tg-stored-k500"), number=2000, repeat=10)) / 2000
    assert best < 20e-6  # 3 µs on the machine that it was written on
