"""Candidates: runs of capitalised words that could be a name. Most text has few, and they are found by one pattern."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Final, NamedTuple

from router.sensitivity.lexicon import read

_PARTICLES: Final = frozenset(
    ("de", "la", "del", "della", "di", "da", "van", "von", "der", "den", "dos", "das", "do", "bin", "ibn", "al", "el")
).union(("le", "du", "zu", "zum", "zur", "ter", "ten", "mac", "of"))

# End no sentence, and neither does a single letter.
_ABBREVIATIONS: Final = frozenset(
    ("mr.", "mrs.", "ms.", "dr.", "dra.", "prof.", "sr.", "sra.", "srta.", "st.", "jr.", "hr.", "fr.", "mme.", "mlle.")
).union(("ing.", "med."))

_PARTICLE = f"(?:{'|'.join(sorted(_PARTICLES))})"
_OF_PARTICLES = "".join(sorted({word[0] for word in _PARTICLES}))
_WORD = r"[A-Za-z'-]*+"
# Behind a blank: the word before ends no sentence.
_GOES_ON = "|".join((r"(?<![A-Za-z'-]{2}\. )", *(rf"(?<=(?i:{re.escape(word)}) )" for word in sorted(_ABBREVIATIONS))))
_FURTHER = (
    rf"\.? (?=[A-Z{_OF_PARTICLES}])(?>{_GOES_ON})"
    rf"(?:[A-Z]{_WORD}|{_PARTICLE} (?:{_PARTICLE} )?[A-Z]{_WORD})"
)
# Begins with a plain letter class, so that the search skips at full speed. A word is taken whole or not at all:
# `MyClass(` must not become `MyClas`; a letter alone is no name. Most words that follow are no particle: those come
# last. An atomic group, and no possessive one: Pythons before 3.11.5 match those wrongly (python/cpython#106052).
# A dot at the end belongs to an initial only.
_RUN: Final = re.compile(
    rf"[A-Z](?<![A-Za-z0-9_@#/\\.-].)(?=[A-Za-z'-]|\.? [A-Za-z]){_WORD}"
    rf"(?>(?:{_FURTHER}){{0,7}})(?:(?<= [A-Z])\.)?"
    r"(?![A-Za-z0-9_(\[=])"
)
# Blank but for letters, digits, and what glues a word to what stands beside it.
_LOWER_WORDS = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789_@%/\\-" else 32 for code in range(256))
# Not inside an address or a path. What may follow is looked at only: every word can begin a name.
_LOWER_RUN: Final = re.compile(
    r"(?<![a-z0-9_.@/\\-])[a-z]{3,}+(?![0-9_@/\\-]|\.[a-z])(?=((?: [a-z]\.?(?= ))?(?: [a-z]{2,}+)?))"
)
_CAPITALISED: Final = re.compile(r"[A-Z](?<![A-Za-z].)[A-Za-z]++")

_OPENERS, _ = read("openers")
_NONE: tuple[Candidate, ...] = ()
_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much

Run = tuple[int, str]
"""Where capitalised words stand side by side, and the words, in lower case."""


class Candidate(NamedTuple):
    """Offsets into the view's text, and the words in lower case."""

    start: int
    end: int
    words: tuple[str, ...]


def lower_candidates(text: str, given: frozenset[str], common: Container[str]) -> Iterator[Candidate]:
    """In a text without any capital: a known first name, with the words behind it that are no common ones."""
    for match in _LOWER_RUN.finditer(text):
        first = match.group()
        if first in given:
            behind = match.group(1).split()
            if behind and behind[-1] in common:
                behind = []
            size = sum(map(len, behind)) + len(behind)
            yield Candidate(match.start(), match.end() + size, (first, *behind))


def holds_any(words: frozenset[str], text: str) -> bool:
    """Whether any of `words`, letters only, stands in the text in lower case, as `lower_candidates` looks for it."""
    return not words.isdisjoint(text.encode("ascii", "replace").translate(_LOWER_WORDS).decode("ascii").split())


def runs(text: str, plain: Container[str]) -> list[Run]:
    """All runs but single words of `plain`, as begin a sentence."""
    return [(match.start(), run) for match in _RUN.finditer(text) if (run := match[0].lower()) not in plain]


def each_run(text: str, plain: Container[str]) -> Iterator[Run]:
    """`runs`, one at a time: who asks may have had enough. Compiled, a generator's expression would be a list."""
    for match in _RUN.finditer(text):
        run = match[0].lower()
        if run not in plain:
            yield match.start(), run


def candidates(text: str, plain: Container[str]) -> Iterator[Candidate]:
    """Those of all runs."""
    for start, run in each_run(text, plain):
        yield from candidates_in(run, start, plain)


def candidates_in(run: str, start: int, plain: Container[str]) -> Sequence[Candidate]:
    """The run cut where a sentence ends, and without the words that open one. What is left may be one word or more.

    A single word of `plain` is none. The run is one of `runs`.
    """
    if not run.isalpha():
        if " " in run:
            return _parts(run, start, plain)
        if run in _OPENERS or "--" in run:
            return _NONE
        run = run.rstrip("'.-").removesuffix("'s")
        if run in plain:
            return _NONE
    if len(run) < 2 or run in _OPENERS or "xxx" in run:
        return _NONE
    return (_new(Candidate, (start, start + len(run), (run,))),)


def _parts(run: str, start: int, plain: Container[str]) -> list[Candidate]:
    if "." in run[:-1] or "--" in run or "xxx" in run:
        return _sentences(run, start, plain)
    found: list[Candidate] = []
    words, end = run.split(" "), start + len(run)
    for opening, word in enumerate(words):
        bare = word.rstrip(".")
        if bare not in _OPENERS and bare not in _PARTICLES:
            _close(words[opening:], start, end, plain, found)
            break
        start += len(word) + 1
    return found


def _sentences(run: str, start: int, plain: Container[str]) -> list[Candidate]:
    found: list[Candidate] = []
    words: list[str] = []
    begin = start
    stand_ins = "--" in run or "xxx" in run
    for word in run.split(" "):
        ends = word[-1:] == "."
        if words:
            words.append(word)
        else:
            bare = word.rstrip(".") if ends else word
            if bare and bare not in _OPENERS and bare not in _PARTICLES:
                words.append(word)
                begin = start
        start += len(word) + 1
        if ends and words and len(word) > 2 and word not in _ABBREVIATIONS:
            if not (stand_ins and any(map(_stands_in, words))):
                _close(words, begin, start - 1, plain, found)
            words = []
    if words and not (stand_ins and any(map(_stands_in, words))):
        _close(words, begin, start - 1, plain, found)
    return found


def _stands_in(word: str) -> bool:
    """Rules of dashes and stand-ins are nobody's name."""
    return "--" in word or "xxx" in word


def _close(words: list[str], start: int, end: int, plain: Container[str], found: list[Candidate]) -> None:
    if len(words) > 2 and max(map(len, words)) < 3:
        return  # letters alone
    last = words[-1]
    if not last.isalpha():
        bare = last.rstrip("'.-")
        bare = last.rstrip("'-") if len(bare) == 1 else bare
        bare = bare.removesuffix("'s")
        end -= len(last) - len(bare)
        words[-1] = last = bare
    if len(words) > 1 or (len(last) > 1 and last not in plain and last not in _OPENERS):
        found.append(_new(Candidate, (start, end, tuple(words))))


def heading(text: str, plain: Container[str]) -> bool:
    """Whether all that is capitalised in `text` is `plain`: that is no sentence about somebody."""
    return all(
        word.lower() in plain and (word[1:].islower() or word.isupper()) for word in set(_CAPITALISED.findall(text))
    )
