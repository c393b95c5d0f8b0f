"""The masker: body + findings → the body with placeholders, and what each stands for.

It fails closed. What cannot be replaced with certainty (in a key, a number, a name that has a form of its own, over the
edge of a string in JSON) is not replaced, and the content stays where it is; so does content of which a value is left
anywhere after the findings are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from router.content import Content
from router.masking.json_text import is_json, part_of
from router.masking.placeholder import word_of
from router.masking.places import Place, copied, place_of
from router.masking.values import Searched, Values
from router.sensitivity.finding import Finding

# Where servers take names of a form of their own, so a placeholder is none; and what a model is not to read as text.
_FORMED = frozenset({"name", "id", "tool_call_id", "call_id", "type", "role", "model", "format", "pattern", "$ref"})
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
    values = Values("\0".join(texts))
    cuts = _Cuts(copied(body), content, values)
    for number in sorted(spans):
        cuts.read(number, spans[number])
    for number, found in _elsewhere(texts, spans, values).items():
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


def _elsewhere(texts: Sequence[str], spans: Mapping[int, list[_Span]], values: Values) -> dict[int, list[_Span]]:
    """Where else the values stand, found there or not: one that is hidden in one place must not be read in another."""
    if len(values.known) * sum(map(len, texts)) > _MOST_WORK:
        raise UnmaskableError("size")
    more: dict[int, list[_Span]] = {}
    known = sorted(values.known, key=lambda value: -len(value.text))
    for number, text in enumerate(texts):
        searched = Searched(text)
        taken = [(span.start, span.end) for span in spans.get(number, ())]
        for value in known:
            for start, end in searched.occurrences(value.text):
                if not any(start < other_end and other_start < end for other_start, other_end in taken):
                    taken.append((start, end))
                    more.setdefault(number, []).append(_Span(start, end, value.type))
    return more


def _check_nothing_is_left(body: dict[str, Any], values: Values) -> None:
    """Numbers, keys and words of the protocol as well."""
    left = Searched(orjson.dumps(body).decode("utf-8"))
    for value in values.known:
        for written in {value.text, orjson.dumps(value.text).decode()[1:-1]}:
            if next(left.occurrences(written), None) is not None:
                raise UnmaskableError("left")


class _Cuts:
    """What is to be replaced where. Nothing is written before all is read: places are found by what they hold."""

    def __init__(self, body: dict[str, Any], content: Content, values: Values) -> None:
        self.body = body
        self._segments = content.segments
        self._values = values
        self._places: dict[int, Place] = {}
        self._is_json: dict[int, bool] = {}
        self._new: dict[int, list[tuple[int, int, str]]] = {}

    def read(self, number: int, spans: Sequence[_Span]) -> None:
        """Gives each value its placeholder."""
        text = self._segments[number].text
        if number not in self._places:
            place = place_of(self.body, self._segments[number].path, text)
            if place is None:
                raise UnmaskableError("key")
            if place.field in _FORMED:
                raise UnmaskableError("name")
            self._places[number] = place
            self._is_json[number] = is_json(text)
        new = self._new.setdefault(number, [])
        for start, end, entity_type in spans:
            value, is_bare = text[start:end], False
            if self._is_json[number]:
                part = part_of(text, start, end)
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
