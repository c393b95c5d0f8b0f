"""First look: what in a text calls for a closer look — few passes in C over all of it, whatever the detectors.

Most text calls for none, so this is what a scan costs.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from router.sensitivity import decode
from router.sensitivity.detector import SHAPE_SIGNS, Detector, Doubting, Glancing, Glimpse, Prefix, Shape
from router.sensitivity.patterns import PatternSet

DECODERS = -1  # stands for a detector's number where the trigger is a decoder's
_WORD_MEMORY, _PREFIX_MEMORY, _SHAPE_MEMORY, _DECODER_MEMORY = 3 << 20, 2 << 20, 1 << 20, 2 << 20  # bytes

Hits = dict[int, list[int]]
"""Detector's number → those of its triggers that hit."""
Glimpses = Mapping[int, Sequence[Glimpse]]
"""Detector's number → what it saw at a glance."""


class TriggerSet:
    """Triggers of one kind, and whose they are."""

    __slots__ = ("_owners", "_patterns", "_without")

    def __init__(self, triggers: Sequence[tuple[str, int, int]], memory: int, signs: bytes = b"") -> None:
        """None of `triggers` hits where none of `signs` stands."""
        self._owners = tuple((detector, number) for _, detector, number in triggers)
        self._patterns = PatternSet((trigger for trigger, _, _ in triggers), memory).match
        self._without = bytes(sign for sign in range(256) if sign not in signs) if signs else b""

    def match(self, data: bytes) -> Sequence[int]:
        if self._without and not data.translate(None, self._without):
            return ()
        return self._patterns(data)

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

    __slots__ = ("_doubting", "_sets", "glancing")

    def __init__(self, detectors: Sequence[Detector]) -> None:
        triggers = [
            (trigger, number, index)
            for number, detector in enumerate(detectors)
            for index, trigger in enumerate(detector.triggers)
        ]
        hidden = [(trigger, DECODERS, index) for index, trigger in enumerate(decode.TRIGGERS)]
        self._sets = (
            TriggerSet([each for each in triggers if not isinstance(each[0], Shape | Prefix)], _WORD_MEMORY),
            TriggerSet([each for each in triggers if isinstance(each[0], Shape)], _SHAPE_MEMORY, SHAPE_SIGNS),
            TriggerSet([each for each in triggers if isinstance(each[0], Prefix)], _PREFIX_MEMORY),
            TriggerSet(hidden, _DECODER_MEMORY),
        )
        self.glancing = {
            number: detector for number, detector in enumerate(detectors) if isinstance(detector, Glancing)
        }
        self._doubting = tuple(
            (number, detector) for number, detector in enumerate(detectors) if isinstance(detector, Doubting)
        )

    def stirred(self, data: bytes) -> Stirred:
        """The sets of which something hits, and what."""
        return [(triggers, matched) for triggers in self._sets if (matched := triggers.match(data))]

    def worth(self, stirred: Stirred, data: bytes, paths: Iterable[str]) -> Stirred:
        """Without what its detectors themselves say is nothing. `paths` lead to the texts in `data`."""
        named = data + "\0".join(["", *paths]).encode("ascii", "replace")
        asleep = [number for number, detector in self._doubting if not detector.worth(named)]
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
