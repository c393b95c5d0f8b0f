"""Lexicon: what the guard has to know of a language, as data.

`common` words say nothing of what is asked, and their number tells the language. `wrappings` are what a question may
be put in ("can you tell me …"), `frames` single words of that kind. Words of one of the `groups` mean the same wherever
one of them stands; the first names the group. `marks` are small words that turn a question round when they are left
out. What is in none of these has to stand in both questions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Degree(NamedTuple):
    """`larger` is `large` and `er`."""

    base: str
    degree: str


def _whole(word: str) -> tuple[str, ...]:
    return (word,)


class Lexicon(NamedTuple):
    """`kinds`: the first pattern that is found in the folded text says what kind of answer is wanted. `stem` takes a
    word in lower case and whether it stood there with a capital; `groups` and `implied` are of stems. What is `implied`
    by a kind may be left out: the year, where it is asked when. `split` parts a verb from its particle, which stands
    apart as `+particle`; `particles` do so at the end of a clause, and a verb that is `light` says nothing beside one.
    `moods` say what is allowed and what has to be, `pasts` are verbs of the past that is told without one of the
    `auxiliaries`, `scopes` of how many it is asked. `timings` stand before a number, `contrasts` between two halves
    of which a negation holds one. `persons` and `askers` tell who does it from whom it is done to, and so do
    `turns`, patterns of the folded text, and what is `passive` with one of the `agents`. `obliged`: an obligation
    of two words. `thousands` may stand between the digits of a number. Words that are `loose` may stand in one of
    two questions that have enough in common besides. How high (`extents`) an amount is that ends in one of
    `amounts` is what it is. Words of a `trunk` of so many letters with different `tails` are kin, such as approve
    and approval. `glued`: a compound of two words is the two words. What is done by one of the `operations` is done
    somewhere: where and how are one."""

    language: str
    common: frozenset[str]
    frames: frozenset[str]
    wrappings: tuple[re.Pattern[str], ...]
    implied: Mapping[str, frozenset[str]]
    negations: frozenset[str]
    marks: frozenset[str]
    numbers: Mapping[str, str]
    units: Mapping[str, str]
    degrees: Mapping[str, Degree]
    groups: Mapping[str, str]
    bindings: frozenset[str]
    moods: Mapping[str, str]
    tenses: Mapping[str, str]
    pasts: frozenset[str]
    auxiliaries: frozenset[str]
    scopes: Mapping[str, str]
    timings: frozenset[str]
    contrasts: frozenset[str]
    persons: Mapping[str, str]
    askers: Mapping[str, str]
    turns: tuple[tuple[re.Pattern[str], str], ...]
    passive: frozenset[str]
    agents: frozenset[str]
    obliged: re.Pattern[str] | None
    thousands: str
    kinds: tuple[tuple[re.Pattern[str], str], ...]
    stem: Callable[[str, bool], str]
    split: Callable[[str], tuple[str, ...]] = _whole
    particles: frozenset[str] = frozenset()
    priced: re.Pattern[str] | None = None
    operations: frozenset[str] = frozenset()
    verbal: tuple[str, ...] = ()
    light: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    amounts: tuple[str, ...] = ()
    extents: frozenset[str] = frozenset()
    tails: tuple[str, ...] = ()
    trunk: int = 5
    glued: bool = False
    names_have_capitals: bool = True


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def grouped(text: str, stem: Callable[[str, bool], str]) -> dict[str, str]:
    """One group a line. A word that belongs to two groups would make them one, so it may not."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        members = line.split()
        for member in members:
            name = stem(member, False)
            if found.setdefault(name, members[0]) != members[0]:
                raise ValueError(f"{member} is in two groups: {found[name]} and {members[0]}")
    return found


def paired(text: str) -> dict[str, str]:
    """Lines of a name and the words that mean it."""
    found: dict[str, str] = {}
    for line in text.strip().splitlines():
        name, *members = line.split()
        for member in (name, *members):
            found[member] = name
    return found
