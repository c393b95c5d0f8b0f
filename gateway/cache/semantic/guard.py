"""Guard: whether two questions may have the same answer. It only ever says no.

In doubt they may not: an answer that is asked for anew costs a call, a wrong one costs more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.cache.semantic.lexicon import Lexicon
from gateway.cache.semantic.reading import BY_LANGUAGE, Reading

# In the order in which they are looked at. Metrics and `tidegate cache calibrate` name them.
OBJECTIONS: Final = (
    "language", "numbers", "code", "addresses", "quotations", "negation", "kind", "content", "marks", "names", "order",
    "roles", "mood", "scope", "timing", "tense",
)  # fmt: skip
_SHORTEST_PART: Final = 3  # letters of a part of a compound
_JOINT: Final = 3  # letters between two parts, and what inflection left: "Gesellschaft·s·anteil"
_ENOUGH: Final = 2  # words and literals in common
_ALIKE: Final = (
    frozenset({"what", "measure"}),
    frozenset({"howto", "statement"}),
    frozenset({"give", "what"}),
    frozenset({"give", "statement"}),
    frozenset({"named", "what"}),
    frozenset({"named", "person"}),
)
_PROCEDURE: Final = frozenset({"howto", "place"})


def objection(asked: Reading, kept: Reading) -> str | None:
    """What the two do not agree in; None: nothing that a guard could see."""
    if asked.language != kept.language:
        return "language"
    one, other = asked.literals, kept.literals
    if one.numbers != other.numbers:
        return "numbers"
    if one.code != other.code:
        return "code"
    if one.urls != other.urls:
        return "addresses"
    if one.kinds != other.kinds or asked.letters != kept.letters:
        return "code"
    if one.quoted != other.quoted:
        return "quotations"
    if asked.negations != kept.negations:
        return "negation"
    if asked.kind != kept.kind and not _same_kind(asked, kept):
        return "kind"
    return _in_words(asked, kept)


def _same_kind(asked: Reading, kept: Reading) -> bool:
    kinds = {asked.kind, kept.kind}
    if kinds in _ALIKE:
        return True
    if kinds == _PROCEDURE:  # in a program: where it is done is how it is done
        return bool(asked.content & kept.content & BY_LANGUAGE[asked.language].operations)
    return _converts(asked) and _converts(kept)


def _converts(reading: Reading) -> bool:
    """An amount in one unit, asked for in another: however it is put, it is one kind of question."""
    numbers = reading.literals.numbers
    units = BY_LANGUAGE[reading.language].units.values()
    return len(numbers) == 1 and " " in numbers[0] and any(word in units for word in reading.content)


def _in_words(asked: Reading, kept: Reading) -> str | None:
    if not _same_content(asked, kept):
        return "content"
    if asked.marks != kept.marks:
        return "marks"
    both = set(asked.names) & set(kept.names)
    if [name for name in asked.names if name in both] != [name for name in kept.names if name in both]:
        return "names"
    if asked.order != kept.order and sorted(asked.bag) == sorted(kept.bag):
        return "order"  # the same words otherwise put: who does what to whom?
    if asked.passive == kept.passive:
        if _has_swapped(asked, kept):
            return "order"
    elif asked.order == kept.order:  # invaded Germany, or was invaded by it
        return "roles"
    if not _agree(asked.bound, kept.bound):
        return "roles"
    if _differ(asked.person, kept.person) or _differ(asked.asker, kept.asker) or _differ(asked.turn, kept.turn):
        return "roles"
    if asked.kind not in _PROCEDURE and _differ(asked.mood, kept.mood):
        return "mood"
    if asked.scope != kept.scope:
        return "scope"
    if asked.denied != kept.denied:
        return "negation"
    if len(asked.timings) == len(kept.timings) and asked.timings != kept.timings:
        return "timing"
    if _differ(asked.tense, kept.tense) or _differ(asked.form, kept.form):
        return "tense"
    return None


def _has_swapped(asked: Reading, kept: Reading) -> bool:
    """Two words have changed places over something that stayed: who eats whom. Side by side they may as well be put
    otherwise, but for units."""
    pairs = zip(asked.order, kept.order, strict=False)
    moved = [at for at, pair in enumerate(pairs) if pair[0] != pair[1]]
    if len(moved) != 2 or sorted(asked.order) != sorted(kept.order):
        return False
    first, second = moved
    units = BY_LANGUAGE[asked.language].units.values()
    return second - first > 1 or all(asked.order[at] in units for at in moved)


def _differ(one: str, other: str) -> bool:
    """Both say something, and not the same."""
    return bool(one and other) and one != other


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """What is bound by a word is the same, and is bound by no other: from Berlin is not to Berlin."""
    if any(_binding(stem, one).isdisjoint(_binding(stem, other)) for stem in {*one.values()} & {*other.values()}):
        return False
    return all(one[word] == other[word] for word in one.keys() & other.keys())


def _binding(stem: str, bound: Mapping[str, str]) -> set[str]:
    return {word for word, each in bound.items() if each == stem}


def _same_content(asked: Reading, kept: Reading) -> bool:
    lexicon = BY_LANGUAGE[asked.language]
    one, other = set(asked.content - kept.content), set(kept.content - asked.content)
    common = len(asked.content & kept.content) + len(asked.literals.kinds)
    for word in tuple(one):
        kin = next((each for each in other if _are_kin(word, each, lexicon)), None)
        if kin is not None:
            one.discard(word)
            other.discard(kin)
            common += 1
    if lexicon.glued:
        common += _unglue(one, other) + _unglue(other, one)
    if common >= _ENOUGH:
        loose = lexicon.loose.difference(asked.names, kept.names)  # Mexico City
        one -= loose
        other -= loose
    return not one and not other and common > 0


def _are_kin(one: str, other: str, lexicon: Lexicon) -> bool:
    """One trunk, and tails that only make a verb, a noun or an adverb of it."""
    trunk = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if trunk is None:
        trunk = min(len(one), len(other))
    return any(
        (one[at:] in lexicon.tails or at == len(one)) and (other[at:] in lexicon.tails or at == len(other))
        for at in range(lexicon.trunk, trunk + 1)
    )


def _unglue(compounds: set[str], parts: set[str]) -> int:
    """Takes out compounds whose two parts are on the other side, and those with them. How many they are."""
    before = len(compounds)
    for compound in tuple(compounds):
        for head in tuple(parts):
            for tail in tuple(parts):
                if head != tail and _is_made_of(compound, head, tail):
                    compounds.discard(compound)
                    parts -= {head, tail}
    return before - len(compounds)


def _is_made_of(compound: str, head: str, tail: str) -> bool:
    room = len(compound) - len(head) - len(tail)
    return (
        min(len(head), len(tail)) >= _SHORTEST_PART
        and 0 <= room <= _JOINT
        and compound.startswith(head)
        and compound.endswith(tail)
    )
