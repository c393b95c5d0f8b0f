"""First look: what in a text calls for a closer look — few passes in C over all of it, whatever the detectors.

Most text calls for none, so this is what a scan costs.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from router.content import Segment
from router.sensitivity import decode
from router.sensitivity.budget import Budget
from router.sensitivity.detector import SHAPE_SIGNS, Detector, Doubting, Glancing, Prefix, Shape, Span
from router.sensitivity.patterns import Pattern, PatternSet
from router.sensitivity.pieces import PROVE_NOTHING
from router.sensitivity.shape import shape_of, shape_of_pattern

DECODERS: Final = -1  # stands for a detector's number where the trigger is a decoder's
_NO_SHAPE: Final = bytes(sign for sign in range(256) if sign not in SHAPE_SIGNS)
_WORD_MEMORY, _PREFIX_MEMORY, _SHAPE_MEMORY = 4 << 20, 2 << 20, 2 << 20  # bytes
_SIGN_MEMORY = _BLOB_MEMORY = _PROOF_MEMORY = 1 << 20
# An automaton that tells capitals has half as many states again, each half as large again.
_ANY_CASE: Final = "(?i)"
# Keys that begin behind a sign are looked for by themselves: with what may stand anywhere, they would need four
# times as many states.
_BOUNDARY: Final = "(?:^|"

Trigger = tuple[str, int, int]
"""A pattern, the number of its detector, its number there."""
Hits = dict[int, list[int]]
"""Detector's number → those of its triggers that hit."""
Seen = Mapping[int, Sequence[Span]]
"""Detector's number → what it found at a glance."""
NOTHING_SEEN: Seen = MappingProxyType({})
Glance = Callable[[], Mapping[int, Seen]]
"""What the detectors that glance find in a group of segments, by segment."""


def _mixed(signs: str, rest: int) -> str:
    """One of `signs`, and `rest` characters in all after the first of them that may be one; no blank between them."""
    if rest == 0:
        return rf"[^\s\x00{signs}]*[{signs}]"
    return rf"(?:[{signs}][^\s\x00]{{{rest}}}|[^\s\x00{signs}]{_mixed(signs, rest - 1)})"


# Keys and base64 have long words with a digit, a capital or a sign inside. Few other words have, and where none stands,
# no beginning of a key needs to be looked for. Written so that its automaton is always in one place; by itself, because
# with it the others' would have six times as many states.
_MIXED_FROM = 10  # characters: the shortest key that a detector knows
_SIGNS = "0-9A-Z+/"
_MIXED: Final = (
    rf"(?:^|[\s\x00])(?:[A-Z]{_mixed(_SIGNS + '_-', _MIXED_FROM - 2)}|[^A-Z\s\x00]{_mixed(_SIGNS, _MIXED_FROM - 2)})"
)


class TriggerSet:
    """Triggers of one kind, and whose they are."""

    __slots__ = ("_owners", "_shaped", "patterns")

    def __init__(self, triggers: Iterable[Trigger], memory: int, shaped: bool = False) -> None:
        """`shaped`: looked for in the shape of a text."""
        triggers = tuple(triggers)
        self._owners = tuple((detector, number) for _, detector, number in triggers)
        self._shaped = shaped
        patterns = (pattern for pattern, _, _ in triggers)
        self.patterns = PatternSet(map(shape_of_pattern, patterns) if shaped else patterns, memory)

    def match(self, data: bytes) -> Sequence[int]:
        """Those that hit."""
        return self.patterns.match(shape_of(data) if self._shaped else data)

    def awake(self, matched: Sequence[int], asleep: Container[int]) -> list[int]:
        """Those of `matched` whose detectors are not `asleep`."""
        return [index for index in matched if self._owners[index][0] not in asleep]

    def add(self, matched: Sequence[int], hits: Hits) -> None:
        for index in matched:
            detector, number = self._owners[index]
            hits.setdefault(detector, []).append(number)


Stirred = Sequence[tuple[TriggerSet, Sequence[int]]]
"""Sets of triggers, and what hit of each."""


class FirstLook:
    """All triggers of all detectors, which are known by their place."""

    __slots__ = ("_doubting", "_keys", "_mixed", "_proofs", "_shapes", "_signs", "_words", "glancing")

    def __init__(self, detectors: Sequence[Detector]) -> None:
        words, shapes, prefixes, insides = list[Trigger](), list[Trigger](), list[Trigger](), list[Trigger]()
        for detector_number, detector in enumerate(detectors):
            for number, pattern in enumerate(detector.triggers):
                kind = words
                if isinstance(pattern, Shape):
                    kind = shapes
                elif isinstance(pattern, Prefix):
                    kind = prefixes if pattern.startswith(_BOUNDARY) else insides
                kind.append((pattern, detector_number, number))
        signs = list[Trigger]()
        for number, pattern in enumerate(decode.TRIGGERS):
            (words if number in decode.OF_WORDS else signs).append((pattern, DECODERS, number))
        words = [(_ANY_CASE + pattern, of, number) for pattern, of, number in words]
        self._words = TriggerSet(words, _WORD_MEMORY)
        self._shapes = TriggerSet(shapes, _SHAPE_MEMORY, shaped=True)
        self._signs = TriggerSet(signs, _SIGN_MEMORY)
        self._mixed = Pattern(_MIXED)  # ends at the first: long texts have one
        self._keys = (
            TriggerSet(prefixes, _PREFIX_MEMORY),
            TriggerSet(insides, _PREFIX_MEMORY),
            TriggerSet([(decode.BLOB_TRIGGER, DECODERS, len(decode.TRIGGERS))], _BLOB_MEMORY),
        )
        proving = {number for number, each in enumerate(detectors) if each.name not in PROVE_NOTHING}
        proofs = [trigger for trigger in (*words, *prefixes, *insides) if trigger[1] in proving]
        self._proofs = TriggerSet(proofs, _PROOF_MEMORY)
        self.glancing = {number: each for number, each in enumerate(detectors) if isinstance(each, Glancing)}
        self._doubting = {number: each for number, each in enumerate(detectors) if isinstance(each, Doubting)}

    def stirred(self, data: bytes) -> Stirred:
        """The sets of which something hits, and what."""
        stirred = list[tuple[TriggerSet, Sequence[int]]]()
        patterns = self._words.patterns
        if len(raw := patterns.raw(data)) != 1:
            stirred.append((self._words, patterns.read(raw)))
        if data.translate(None, _NO_SHAPE):
            patterns = self._shapes.patterns
            if len(raw := patterns.raw(shape_of(data))) != 1:
                stirred.append((self._shapes, patterns.read(raw)))
        patterns = self._signs.patterns
        if len(raw := patterns.raw(data)) != 1:
            stirred.append((self._signs, patterns.read(raw)))
        if self._mixed.search(data, 0, len(data)) is not None:
            for triggers in self._keys:
                if matched := triggers.match(data):
                    stirred.append((triggers, matched))
        return stirred

    def proofs(self, data: bytes) -> Hits:
        """What hits for detectors that may prove something in a text that was put together (`pieces.py`)."""
        hits: Hits = {}
        self._proofs.add(self._proofs.match(data), hits)
        if data.translate(None, _NO_SHAPE):
            self._shapes.add(self._shapes.match(data), hits)
        return hits

    def worth(self, stirred: Stirred, data: bytes, paths: Iterable[str]) -> Stirred:
        """Without what its detectors themselves say is nothing. `paths` lead to the texts in `data`."""
        hits = hits_of(stirred)
        named = data + "\0".join(["", *paths]).encode("ascii", "replace")
        asleep = {
            number for number, own in hits.items() if number in self._doubting and not self._worth(number, own, named)
        }
        if len(asleep) == len(hits):
            return ()
        return [(triggers, awake) for triggers, matched in stirred if (awake := triggers.awake(matched, asleep))]

    def _worth(self, number: int, own: Sequence[int], data: bytes) -> bool:
        """A detector that cannot even say that is called, so that it can fail under its own name."""
        try:
            return self._doubting[number].worth(own, data)
        except Exception:  # noqa: BLE001
            return True

    def seen(
        self,
        segments: Sequence[Segment],
        texts: Sequence[str],
        joined: str,
        budget: Budget,
        failed: dict[str, None],
        but: Container[int] = (),
    ) -> Mapping[int, Seen]:
        """What the detectors that glance find, by segment, `but` some of them. Who fails is named."""
        seen: dict[int, dict[int, Sequence[Span]]] = {}
        for number, detector in self.glancing.items():
            if number in but:
                continue
            try:
                for index, spans in detector.find_in(segments, texts, joined, budget).items():
                    if spans:
                        seen.setdefault(index, {})[number] = spans
            # A plug-in's too: then we do not know, and that means local.
            except Exception:  # noqa: BLE001
                failed[detector.name] = None
        return seen


def hits_of(stirred: Stirred) -> Hits:
    hits: Hits = {}
    for triggers, matched in stirred:
        triggers.add(matched, hits)
    return hits
