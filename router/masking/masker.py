"""The masker: body + findings → the body with placeholders, and what each stands for.

It fails closed. What cannot be replaced with certainty (in a key, a number, a name that has a form of its own, over the
edge of a string in JSON) is not replaced, and the content stays where it is; so does content of which a value is left
anywhere after the findings are gone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import orjson

from router.content import Content
from router.masking.json_text import JsonText, is_json
from router.masking.placeholder import word_of
from router.masking.places import Place, Places
from router.masking.values import Searched, Values
from router.sensitivity.finding import Finding

# Where servers want a form that a placeholder has not.
_FORMED = frozenset({"name", "id", "tool_call_id", "call_id", "type", "role", "model", "format", "pattern", "url"})
_MOST_WORK = 50_000_000  # characters that are gone through in search of values, all in all: some 50 ms


class UnmaskableError(Exception):
    """`why` is one of a few fixed words, and holds no content."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, repr=False)
class Masked:
    """`values` by name in capitals (`PERSON_1`), `types` how many different values of each type."""

    body: dict[str, Any]
    values: Mapping[str, str]
    types: Mapping[str, int]


class _Span(NamedTuple):
    start: int
    end: int
    type: str


def mask(body: Mapping[str, Any], content: Content, findings: Sequence[Finding]) -> Masked:
    """Raises `UnmaskableError`. `content` is that of `body`, and `findings` are in it."""
    logprobs = body.get("logprobs")
    if logprobs is not None and logprobs is not False:  # a completion's 0 asks for them too
        raise UnmaskableError("logprobs")  # they tell of each piece of a placeholder, and of none of what it stands for
    modalities = body.get("modalities")
    if body.get("audio") or (isinstance(modalities, list) and "audio" in modalities):
        raise UnmaskableError("audio")  # a spoken placeholder is never restored
    texts = [segment.text for segment in content.segments]
    spans = _spans(texts, findings)
    together = "\0".join(texts)
    values = Values(together)
    cuts = _Cuts(Places(body), content, values)
    for number in sorted(spans):
        cuts.read(number, spans[number])
    for number, found in _elsewhere(texts, together, spans, values).items():
        cuts.read(number, found)
    cuts.write()
    _check_nothing_is_left(cuts.body, values)
    return Masked(cuts.body, values.by_name, values.types)


def _spans(texts: Sequence[str], findings: Sequence[Finding]) -> dict[int, list[_Span]]:
    """By segment, in order; those that overlap are one, of the type of the first."""
    spans: dict[int, list[_Span]] = {}
    for finding in sorted(findings, key=lambda found: (found.segment, found.start, -found.end)):
        if not 0 <= finding.segment < len(texts) or not 0 <= finding.start < finding.end <= len(texts[finding.segment]):
            raise UnmaskableError("offsets")
        here = spans.setdefault(finding.segment, [])
        if here and finding.start < here[-1].end:
            here[-1] = here[-1]._replace(end=max(finding.end, here[-1].end))
        else:
            here.append(_Span(finding.start, finding.end, finding.type))
    return spans


def _elsewhere(
    texts: Sequence[str], together: str, spans: Mapping[int, list[_Span]], values: Values
) -> dict[int, list[_Span]]:
    """Where else the values stand, found there or not: one that is hidden in one place must not be read in another.
    `together` is all texts, joined by one character.
    """
    if len(values.known) * len(together) > _MOST_WORK:
        raise UnmaskableError("size")
    begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
    taken = bytearray(len(together))
    for number, here in spans.items():
        for start, end, _ in here:
            _take(taken, begins[number] + start, begins[number] + end)
    more: dict[int, list[_Span]] = {}
    searched = Searched(together)
    for value in sorted(values.known, key=lambda value: -len(value.text)):
        for start, end in searched.occurrences(value.text):
            if taken.find(1, start, end) < 0:
                _take(taken, start, end)
                number = bisect_right(begins, start) - 1
                more.setdefault(number, []).append(_Span(start - begins[number], end - begins[number], value.type))
    return more


def _take(taken: bytearray, start: int, end: int) -> None:
    taken[start:end] = b"\1" * (end - start)


def _check_nothing_is_left(body: dict[str, Any], values: Values) -> None:
    """Numbers, keys and words of the protocol as well."""
    try:
        left = Searched(orjson.dumps(body).decode("utf-8"))
    except orjson.JSONEncodeError:
        raise UnmaskableError("left") from None
    for value in values.known:
        for written in {value.text, orjson.dumps(value.text).decode()[1:-1]}:
            if next(left.occurrences(written), None) is not None:
                raise UnmaskableError("left")


class _Cuts:
    """What is to be replaced where. Nothing is written before all is read: places are found by what they hold."""

    def __init__(self, places: Places, content: Content, values: Values) -> None:
        self.body: dict[str, Any] = places.body
        self._all = places
        self._segments = content.segments
        self._values = values
        self._places: dict[int, Place] = {}
        self._json: dict[int, JsonText] = {}
        self._new: dict[int, list[tuple[int, int, str]]] = {}

    def read(self, number: int, spans: Sequence[_Span]) -> None:
        """Gives each value its placeholder."""
        text = self._segments[number].text
        if number not in self._places:
            place = self._all.at(self._segments[number].path, text)
            if place is None:
                raise UnmaskableError("key")
            if place.field in _FORMED:
                raise UnmaskableError("name")
            self._places[number] = place
            if is_json(text):
                self._json[number] = JsonText(text)
        json_text = self._json.get(number)
        new = self._new.setdefault(number, [])
        for start, end, entity_type in spans:
            value, is_bare = text[start:end], False
            if json_text is not None:
                part = json_text.part(start, end)
                if part is None:
                    raise UnmaskableError("structure")
                value, is_bare = part
            placeholder = self._values.placeholder(value, word_of(entity_type))
            new.append((start, end, f'"{placeholder}"' if is_bare else placeholder))

    def write(self) -> None:
        for number, new in self._new.items():
            text, pieces, position = self._segments[number].text, list[str](), 0
            for start, end, placeholder in sorted(new):
                pieces += (text[position:start], placeholder)
                position = end
            pieces.append(text[position:])
            place = self._places[number]
            place.holder[place.at] = "".join(pieces)
