"""Cases: one sensitive request and its harmless twin, sent one after the other, and what must be so afterwards."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import strategies as st

from tests.harness.client import http
from tests.harness.gateway import bearer
from tests.locality.forms import FORMS
from tests.locality.places import NAMES, SENTENCES, Request, service_of
from tests.locality.plants import KINDS, Plant, plant
from tests.locality.world import BEFORE_ANSWER, FAULTS, OK, World, directive_of, route_of

SENTENCE = "Please keep {} in mind."
PLACES = (*SENTENCES, *NAMES)
# Base64 of harmless words looks like a key to the detectors, and may: their twins are written as they are.
LOOKS_DRAWN = frozenset(name for name in FORMS if name.startswith("base64"))
_STREAMED = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/api/chat", "/api/generate")
NOT_AGAIN = {"cache-control": "no-cache"}
_IN_EUROPE = frozenset({"iban"})  # kinds that the policy of these tests lets go there


def _escaped(body: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Every character of every string as an escape of JSON's own."""
    return _with_escapes(json.dumps(body, ensure_ascii=False)).encode(), {}


def _with_escapes(text: str) -> str:
    out, inside, at = [], False, 0
    while at < len(text):
        char = text[at]
        if char == '"':
            inside = not inside
            out.append(char)
        elif char == "\\":
            width = 6 if text[at + 1] == "u" else 2
            out.append(text[at : at + width])
            at += width - 1
        elif inside and ord(char) < 0x10000:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
        at += 1
    return "".join(out)


WIRES: Mapping[str, Callable[[Mapping[str, Any]], tuple[bytes, dict[str, str]]]] = {
    "plain": lambda body: (json.dumps(body, ensure_ascii=False).encode(), {}),
    "escaped": _escaped,
    "packed": lambda body: (gzip.compress(json.dumps(body).encode()), {"content-encoding": "gzip"}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """`seed` draws the value. `first`: the cloud is preferred; else it is what is left when home fails."""

    kind: str
    seed: int
    form: str
    place: str
    fault: str
    first: bool
    stream: bool
    wire: str
    again: bool

    @property
    def plant(self) -> Plant:
        return plant(self.kind, self.seed)

    @property
    def twin_form(self) -> str:
        return "plain" if self.form in LOOKS_DRAWN else self.form

    @property
    def must_reach_the_cloud(self) -> bool:
        """The twin: the cloud comes first, or all that comes before it has failed."""
        return self.first or self.fault in BEFORE_ANSWER

    @contextmanager
    def going_wrong(self, world: World) -> Iterator[None]:
        """Where the model's name cannot say what goes wrong at home."""
        world.home.always(directive_of(self.fault, world.cloud))
        yield
        world.home.always(OK)

    def request(self, words: str, form: str) -> Request:
        written = FORMS[form](words)
        if self.place in NAMES:
            path, body = NAMES[self.place](written)
        else:
            path, body = SENTENCES[self.place](SENTENCE.format(written))
        route = route_of("first" if self.first else "last", self.fault, service_of(path))
        return path, {**body, "model": route, **({"stream": self.stream} if path in _STREAMED else {})}


CASES: st.SearchStrategy[Case] = st.builds(
    Case,
    kind=st.sampled_from(sorted(KINDS)),
    seed=st.integers(0, 2**62),
    form=st.sampled_from(sorted(FORMS)),
    place=st.sampled_from(sorted(PLACES)),
    fault=st.sampled_from(FAULTS),
    first=st.booleans(),
    stream=st.booleans(),
    wire=st.sampled_from(sorted(WIRES)),
    again=st.integers(0, 9).map(lambda number: number == 0),
)


def send(world: World, case: Case, request: Request, **more: str) -> httpx.Response:
    path, body = request
    data, headers = WIRES[case.wire](body)
    sent = {**bearer(world.gateway.key), "content-type": "application/json", **headers, **more}
    with http() as client:
        return client.post(world.gateway.root + path, content=data, headers=sent)


def try_sensitive(world: World, case: Case) -> None:
    """Not one byte goes to the cloud, and a refusal repeats nothing."""
    value = case.plant.value
    world.haystack.add(value, str(case))
    request = case.request(value, case.form)
    before = [upstream.journal.bytes_received for upstream in world.outside]
    for _ in range(1 + case.again):
        with case.going_wrong(world):
            answer = send(world, case, request)
        assert answer.status_code != 400 or case.fault == "quote:400", answer.text
        if answer.status_code != 200 and case.fault != "quote:400":  # which is the client's own to read
            assert not world.haystack.found_in(answer.content)
        told = "\n".join(f"{name}: {text}" for name, text in answer.headers.items()).encode()
        assert not world.haystack.found_in(told)
        assert answer.headers["x-tidegate-clearance"] in ({"local", "eu+local"} if _may(case) else {"local"})
    europe, cloud, proxy = (upstream.journal.bytes_received for upstream in world.outside)
    assert [cloud, proxy] == before[1:]
    assert europe == before[0] or _may(case)


def _may(case: Case) -> bool:
    return case.kind in _IN_EUROPE


def try_twin(world: World, case: Case) -> None:
    """The same with harmless words goes to the cloud, and arrives as it was written."""
    plant = case.plant
    world.harmless.add_needles({plant.mark.encode()}, str(case))
    before = len(world.cloud.journal.exchanges)
    with case.going_wrong(world):
        answer = send(world, case, case.request(plant.twin, case.twin_form), **NOT_AGAIN)
    arrived = world.cloud.journal.exchanges[before:]
    assert arrived or not case.must_reach_the_cloud, (answer.status_code, answer.headers, answer.text)
    if arrived:
        written = FORMS[case.twin_form](plant.twin)
        spellings = {written, json.dumps(written)[1:-1], json.dumps(written, ensure_ascii=False)[1:-1]}
        assert any(each in text for text in _texts(arrived[0].json()) for each in spellings), arrived[0].body


def _texts(value: object) -> Iterator[str]:
    """Every string of a piece of JSON, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
