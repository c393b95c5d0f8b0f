"""Weights: those of all slots, laid out so that a candidate is scored with few look-ups and no string is built for one.

Slots that share a word share a look-up: most words around a candidate carry no weight, and one miss settles up to four
slots. The sum is that of one look-up a slot of what `features` says. What a candidate says by itself is added up first:
where that is too little, whatever stands around it, nobody looks around.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from router.sensitivity.tagger.features import SHAPES, UNKNOWN, Around, Looks

Tables = Sequence[Mapping[str | int, float]]
"""One table a slot: value → weight."""

# The slots that `features` fills, in its order.
_SHAPE, _LISTS, _LISTS_OPENS, _FIRST, _LAST, _LAST_3, _LAST_2, _FIRST_3, _FIRST_2 = range(9)
_LEFT_1, _LEFT_2, _LEFT_3, _RIGHT_1, _RIGHT_2, _TOUCH, _TOUCH_LEFT, _TOUCH_RIGHT = range(9, 17)
_LEFT_PAIR, _RIGHT_PAIR, _ACROSS, _LEFT_GIVEN, _RIGHT_GIVEN = range(17, 22)

_Four = tuple[float, float, float, float]  # by what the lists of first names say
_FOUR_ZEROS: _Four = (0.0, 0.0, 0.0, 0.0)
_TWO_ZEROS = (0.0, 0.0)
_Words = dict[str, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """The scorer of candidates."""

    shapes: tuple[float, ...]
    shapes_most: tuple[float, ...]  # whether a sentence opens or not
    lists: dict[int, tuple[float, float]]  # where no sentence opens, and where one does
    first: _Words
    last: _Words
    unknown: tuple[tuple[float, float], ...]  # first, last; by number of words
    last_3: _Words
    last_2: _Words
    first_3: _Words
    first_2: _Words
    left_1: dict[str, tuple[float, _Four, _Words, _Words]]  # itself, with the lists, with the word before, across
    left_2: _Words
    left_3: _Words
    right_1: _Words
    right_2: _Words
    touch_left: dict[str, tuple[float, _Words]]  # itself, with what touches on the right
    touch_right: dict[str, tuple[float, dict[str, tuple[float, _Four]]]]  # itself; with the word behind, and the lists

    @classmethod
    def of(cls, tables: Tables) -> Self:
        text = [{str(value): weight for value, weight in table.items()} for table in tables]
        first, last = text[_FIRST], text[_LAST]
        shapes = [tables[_SHAPE].get(shape, 0.0) for shape in range(SHAPES)]
        return cls(
            shapes=tuple(shapes),
            shapes_most=tuple(map(max, shapes[::2], shapes[1::2])),
            lists=_of_lists(tables),
            first={word: weight for word, weight in first.items() if word not in UNKNOWN},
            last={word: weight for word, weight in last.items() if word not in UNKNOWN},
            unknown=tuple((first.get(word, 0.0), last.get(word, 0.0)) for word in UNKNOWN),
            last_3=text[_LAST_3],
            last_2=text[_LAST_2],
            first_3=text[_FIRST_3],
            first_2=text[_FIRST_2],
            left_1=_of_left(text),
            left_2=text[_LEFT_2],
            left_3=text[_LEFT_3],
            right_1=text[_RIGHT_1],
            right_2=text[_RIGHT_2],
            touch_left=_of_touch(text),
            touch_right=_of_right(text),
        )

    def own(self, seen: Looks, common: Container[str]) -> float:
        """What its words say: all that is the same wherever it stands."""
        count, _, _, first, last = seen
        of_first, of_last = self.unknown[count]
        if first in common:
            of_first = self.first.get(first, 0.0)
        if last in common:
            of_last = self.last.get(last, 0.0)
        return (
            of_first
            + of_last
            + self.last_3.get(last[-3:], 0.0)
            + self.last_2.get(last[-2:], 0.0)
            + self.first_3.get(first[-3:], 0.0)
            + self.first_2.get(first[:2], 0.0)
        )

    def most(self, seen: Looks) -> float:
        """What its looks add to `own`, at most."""
        closed, opening = self.lists.get(seen[2], _TWO_ZEROS)
        return self.shapes_most[seen[1]] + (closed if closed > opening else opening)

    def score(self, seen: Looks, own: float, about: Around) -> float:
        """The sum of all slots."""
        _, shape, lists, _, _ = seen
        opens, left_3, left_2, left_1, touch_left, touch_right, right_1, right_2 = about
        given = lists >> 8 & 3
        total = (
            own
            + self.shapes[shape << 1 | opens]
            + self.lists.get(lists, _TWO_ZEROS)[opens]
            + self.left_2.get(left_2, 0.0)
            + self.left_3.get(left_3, 0.0)
            + self.right_1.get(right_1, 0.0)
            + self.right_2.get(right_2, 0.0)
        )
        left = self.left_1.get(left_1)
        if left is not None:
            itself, by_given, pairs, across = left
            total += itself + by_given[given] + pairs.get(left_2, 0.0) + across.get(touch_right, 0.0)
        touch = self.touch_left.get(touch_left)
        if touch is not None:
            total += touch[0] + touch[1].get(touch_right, 0.0)
        right = self.touch_right.get(touch_right)
        if right is not None:
            total += right[0]
            pair = right[1].get(right_1)
            if pair is not None:
                total += pair[0] + pair[1][given]
        return total


_Text = Sequence[Mapping[str, float]]


def _of_lists(tables: Tables) -> dict[int, tuple[float, float]]:
    alone, opening = tables[_LISTS], tables[_LISTS_OPENS]
    known = {int(value) for value in alone} | {int(value) >> 1 for value in opening}
    return {
        lists: (
            alone.get(lists, 0.0) + opening.get(lists << 1, 0.0),
            alone.get(lists, 0.0) + opening.get(lists << 1 | 1, 0.0),
        )
        for lists in known
    }


def _of_left(text: _Text) -> dict[str, tuple[float, _Four, _Words, _Words]]:
    pairs, across, nothing = dict[str, _Words](), dict[str, _Words](), _Words()
    for value, weight in text[_LEFT_PAIR].items():
        left_2, left_1 = value.split(" ")
        pairs.setdefault(left_1, {})[left_2] = weight
    for left_1, touch_right, weight in _splits(text[_ACROSS]):
        across.setdefault(left_1, {})[touch_right] = weight
    given = {value.rpartition(" ")[0] for value in text[_LEFT_GIVEN]}
    return {
        word: (
            text[_LEFT_1].get(word, 0.0),
            _four(text[_LEFT_GIVEN], word),
            pairs.get(word, nothing),
            across.get(word, nothing),
        )
        for word in {*text[_LEFT_1], *pairs, *across, *given}
    }


def _of_touch(text: _Text) -> dict[str, tuple[float, _Words]]:
    both, nothing = dict[str, _Words](), _Words()
    for touch_left, touch_right, weight in _splits(text[_TOUCH]):
        both.setdefault(touch_left, {})[touch_right] = weight
    return {
        touch: (text[_TOUCH_LEFT].get(touch, 0.0), both.get(touch, nothing)) for touch in {*text[_TOUCH_LEFT], *both}
    }


def _of_right(text: _Text) -> dict[str, tuple[float, dict[str, tuple[float, _Four]]]]:
    pairs = {*text[_RIGHT_PAIR], *(value.rpartition(" ")[0] for value in text[_RIGHT_GIVEN])}
    behind = dict[str, dict[str, tuple[float, _Four]]]()
    for pair in pairs:
        touch, word = pair.split(" ")
        weights = (text[_RIGHT_PAIR].get(pair, 0.0), _four(text[_RIGHT_GIVEN], pair))
        behind.setdefault(touch, {})[word] = weights
    return {
        touch: (text[_TOUCH_RIGHT].get(touch, 0.0), behind.get(touch, {})) for touch in {*text[_TOUCH_RIGHT], *behind}
    }


def _splits(table: Mapping[str, float]) -> Iterator[tuple[str, str, float]]:
    """The two sides of `left|right`; either may hold the sign itself, so every way to split it counts."""
    for value, weight in table.items():
        for index, sign in enumerate(value):
            if sign == "|":
                yield value[:index], value[index + 1 :], weight


def _four(table: Mapping[str, float], value: str) -> _Four:
    first, second, third, fourth = (table.get(f"{value} {given}", 0.0) for given in range(4))
    four = (first, second, third, fourth)
    return four if any(four) else _FOUR_ZEROS
