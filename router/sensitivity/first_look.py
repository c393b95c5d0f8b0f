"""First look: what in a text calls for a closer look — few passes in C over all of it, whatever the detectors.

Most text calls for none, so this is what a scan costs.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from router.sensitivity import decode
from router.sensitivity.detector import SHAPE_SIGNS, Detector, Doubting, Glancing, Glimpse, Prefix, Shape
from router.sensitivity.patterns import PatternSet
from router.sensitivity.shape import shape_of, shape_of_pattern

DECODERS = -1  # stands for a detector's number where the trigger is a decoder's
_WORD_MEMORY, _PREFIX_MEMORY, _SHAPE_MEMORY, _DECODER_MEMORY = 3 << 20, 2 << 20, 2 << 20, 2 << 20  # bytes
_BLOB_MEMORY = 1 << 20

Match = Callable[[bytes], Sequence[int]]
Hits = dict[int, list[int]]
"""Detector's number → those of its triggers that hit."""
Glimpses = Mapping[int, Sequence[Glimpse]]
"""Detector's number → what it saw at a glance."""


def _mixed(signs: str, rest: int) -> str:
    """One of `signs`, and `rest` characters in all after the first of them that may be one; no blank between them."""
    if rest == 0:
        return rf"[^\s\x00{signs}]*[{signs}]"
    return rf"(?:[{signs}][^\s\x00]{{{rest}}}|[^\s\x00{signs}]{_mixed(signs, rest - 1)})"


# Keys and base64 have long words with a digit, a capital or a sign inside. Few other words have, and where none stands,
# no beginning of a key needs to be looked for. Written so that its automaton is always in one place.
_MIXED_FROM = 11  # characters
_SIGNS = "0-9A-Z+/"
_MIXED = (
    rf"(?:^|[\s\x00])(?:[A-Z]{_mixed(_SIGNS + '_-', _MIXED_FROM - 2)}|[^A-Z\s\x00]{_mixed(_SIGNS, _MIXED_FROM - 2)})"
)


class TriggerSet:
    """Triggers of one kind, and whose they are. `match` says which of them hit in a text."""

    __slots__ = ("_owners", "match")

    def __init__(self, triggers: Sequence[tuple[str, int, int]], match: Match) -> None:
        self._owners = tuple((detector, number) for _, detector, number in triggers)
        self.match = match

    def awake(self, matched: Sequence[int], asleep: Container[int]) -> list[int]:
        """Of what `match` found, the triggers of detectors that are not `asleep`."""
        return [index for index in matched if self._owners[index][0] not in asleep]

    def add(self, matched: Sequence[int], hits: Hits) -> None:
        """What `match` found."""
        for index in matched:
            detector, number = self._owners[index]
            hits.setdefault(detector, []).append(number)


Stirred = Sequence[tuple[TriggerSet, Sequence[int]]]
"""Sets of triggers, and what hit of each."""


class FirstLook:
    """All triggers of all detectors, which are known by their place, and the detectors that glance."""

    __slots__ = ("_doubting", "_hidden", "_hidden_or_mixed", "_long_words", "_shapes", "_words", "glancing")

    def __init__(self, detectors: Sequence[Detector]) -> None:
        triggers = [
            (trigger, number, index)
            for number, detector in enumerate(detectors)
            for index, trigger in enumerate(detector.triggers)
        ]
        words = [each for each in triggers if not isinstance(each[0], Shape | Prefix)]
        shapes = [each for each in triggers if isinstance(each[0], Shape)]
        prefixes = [each for each in triggers if isinstance(each[0], Prefix)]
        hidden = [(trigger, DECODERS, index) for index, trigger in enumerate(decode.TRIGGERS)]
        self._words = TriggerSet(words, PatternSet((trigger for trigger, _, _ in words), _WORD_MEMORY).match)
        self._shapes = TriggerSet(shapes, _shape_match(trigger for trigger, _, _ in shapes))
        self._hidden_or_mixed = PatternSet((*decode.TRIGGERS, _MIXED), _DECODER_MEMORY).match
        self._hidden = TriggerSet(hidden, lambda data: _split(self._hidden_or_mixed(data))[0])
        blobs = [(decode.BLOB_TRIGGER, DECODERS, len(hidden))]
        self._long_words = (
            TriggerSet(prefixes, PatternSet((trigger for trigger, _, _ in prefixes), _PREFIX_MEMORY).match),
            TriggerSet(blobs, PatternSet((decode.BLOB_TRIGGER,), _BLOB_MEMORY).match),
        )
        self.glancing = {
            number: detector for number, detector in enumerate(detectors) if isinstance(detector, Glancing)
        }
        self._doubting = tuple(
            (number, detector) for number, detector in enumerate(detectors) if isinstance(detector, Doubting)
        )

    def stirred(self, data: bytes) -> Stirred:
        """The sets of which something hits, and what."""
        stirred = []
        if matched := self._words.match(data):
            stirred.append((self._words, matched))
        if matched := self._shapes.match(data):
            stirred.append((self._shapes, matched))
        matched, mixed = _split(self._hidden_or_mixed(data))
        if matched:
            stirred.append((self._hidden, matched))
        if mixed:
            stirred += [(triggers, matched) for triggers in self._long_words if (matched := triggers.match(data))]
        return stirred

    def worth(self, stirred: Stirred, data: bytes, paths: Iterable[str]) -> Stirred:
        """Without what its detectors themselves say is nothing. `paths` lead to the texts in `data`."""
        hits = hits_of(stirred)
        named = data + "\0".join(["", *paths]).encode("ascii", "replace")
        asleep = [
            number for number, detector in self._doubting if number in hits and not detector.worth(hits[number], named)
        ]
        if not asleep:
            return stirred
        return [(triggers, awake) for triggers, matched in stirred if (awake := triggers.awake(matched, asleep))]

    def glimpses(self, text: str, failed: dict[str, None]) -> dict[int, Sequence[Glimpse]]:
        """What the glancing detectors see. Who fails at that is named."""
        seen: dict[int, Sequence[Glimpse]] = {}
        for number, detector in self.glancing.items():
            try:
                found = detector.glance(text)
                if found:
                    seen[number] = found
            except Exception:  # noqa: BLE001
                failed[detector.name] = None
        return seen


def hits_of(stirred: Stirred) -> Hits:
    hits: Hits = {}
    for triggers, matched in stirred:
        triggers.add(matched, hits)
    return hits


def _shape_match(triggers: Iterable[str]) -> Match:
    """Triggers that are shapes. Where there is no sign of one, none hits."""
    match = PatternSet(map(shape_of_pattern, triggers), _SHAPE_MEMORY).match
    others = bytes(sign for sign in range(256) if sign not in SHAPE_SIGNS)

    def matched(data: bytes) -> Sequence[int]:
        return match(shape_of(data)) if data.translate(None, others) else ()

    return matched


def _split(matched: Sequence[int]) -> tuple[Sequence[int], bool]:
    """What hit of `decode.TRIGGERS`, and whether `_MIXED` did, which is the last."""
    if matched and matched[-1] == len(decode.TRIGGERS):
        return matched[:-1], True
    return matched, False
