"""Candidates: runs of capitalised words that could be a name. Most text has few, and they are found by one pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from router.sensitivity.lexicon import read

_PARTICLES = frozenset(
    ("de", "la", "del", "della", "di", "da", "van", "von", "der", "den", "dos", "das", "do", "bin", "ibn", "al", "el")
).union(("le", "du", "zu", "zum", "zur", "ter", "ten", "mac", "of"))
_PARTICLE = f"(?:{'|'.join(sorted(_PARTICLES))})"
_WORD = r"[A-Za-z'-]*+\.?"
# Begins with a plain letter class, so that the search skips at full speed. A word is taken whole or not at all
# (possessive): `MyClass(` must not become `MyClas`.
_RUN = re.compile(
    rf"[A-Z](?<![A-Za-z0-9_@#/\\.-].){_WORD}(?: (?:{_PARTICLE} ){{0,2}}[A-Z]{_WORD}){{0,7}}+(?![A-Za-z0-9_(\[=])"
)
_LOWER_WORD = re.compile(r"[a-z]{3,}")
# Not inside an address or a path. What may follow is looked at only: every word can begin a name.
_LOWER_RUN = re.compile(
    r"(?<![a-z0-9_.@/\\-])[a-z]{3,}+(?![0-9_@/\\-]|\.[a-z])(?=((?: [a-z]\.?(?= ))?(?: [a-z]{2,}+)?))"
)
_ABBREVIATION = re.compile(r"(?:[a-z]|mrs?|ms|dra?|prof|sra?|srta|st|jr|hr|fr|mme|mlle|ing|med)\.")  # ends no sentence

_OPENERS, _ = read("openers")


class Candidate(NamedTuple):
    """Offsets into the view's text, and the words in lower case."""

    start: int
    end: int
    words: tuple[str, ...]


def lower_candidates(text: str, given: frozenset[str], common: frozenset[str]) -> Iterator[Candidate]:
    """In a text without any capital: a known first name, with the words behind it that are no common ones."""
    if given.isdisjoint(_LOWER_WORD.findall(text)):
        return
    for match in _LOWER_RUN.finditer(text):
        first = match.group()
        if first in given:
            behind = match.group(1).split()
            if behind and behind[-1] in common:
                behind = []
            size = sum(map(len, behind)) + len(behind)
            yield Candidate(match.start(), match.end() + size, (first, *behind))


def candidates(text: str, plain: frozenset[str]) -> Iterator[Candidate]:
    """Runs without what stands before them. A single word of `plain`, as begins a sentence, is none."""
    for match in _RUN.finditer(text):
        run = match.group()
        start = match.start()
        if " " not in run:
            word = run.lower()
            if word in plain or word in _OPENERS:
                continue
            word = word.rstrip("'.-")
            if word.endswith("'s"):
                word = word[:-2]
            if len(word) > 1 and "--" not in word and "xxx" not in word and word not in plain and word not in _OPENERS:
                yield Candidate(start, start + len(word), (word,))
        else:
            yield from _parts(run, start, plain)


def _parts(run: str, start: int, plain: frozenset[str]) -> Iterator[Candidate]:
    """Cut where a sentence ends, and without the words that open it."""
    words: list[str] = []
    begin = offset = start
    for word in run.lower().split(" "):
        if not words:
            begin = offset
        bare = word.rstrip(".")
        if words or (bare not in _OPENERS and bare not in _PARTICLES and bare):
            words.append(word)
        offset += len(word) + 1
        if word[-1:] == "." and _ABBREVIATION.fullmatch(word) is None:
            yield from _closed(words, begin, plain)
            words = []
    yield from _closed(words, begin, plain)


def _closed(words: list[str], start: int, plain: frozenset[str]) -> Iterator[Candidate]:
    # Letters alone, rules of dashes and stand-ins are nobody's name.
    letters = len(words) > 2 and max(map(len, words)) < 3
    if not words or letters or any("--" in word or "xxx" in word for word in words):
        return
    end = start + sum(map(len, words)) + len(words) - 1
    last = words[-1].rstrip("'-") if len(words[-1].rstrip(".'-")) == 1 else words[-1].rstrip("'.-")
    if last.endswith("'s"):
        last = last[:-2]
    end -= len(words[-1]) - len(last)
    words[-1] = last
    if len(words) > 1 or (len(last) > 1 and last not in plain and last not in _OPENERS):
        yield Candidate(start, end, tuple(words))
