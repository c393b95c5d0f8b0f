"""Reading: what of a question has to be the same in another, for the two to have the same answer.

A sentence encoder says how alike two questions are as a whole; it cannot tell "10 dollars" from "20 dollars", nor on
from off. A reading is the other half: what is left of a question when its wrapping is off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from gateway.cache.semantic.english import ENGLISH
from gateway.cache.semantic.german import GERMAN
from gateway.cache.semantic.lexicon import Lexicon
from gateway.cache.semantic.literals import LITERAL, Literals, literals_of

LEXICONS: Final = (ENGLISH, GERMAN)
BY_LANGUAGE: Final = {lexicon.language: lexicon for lexicon in LEXICONS}
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?;:,#]")
_STOPS: Final = frozenset(".!?;:,")
_MAIL: Final = re.compile(r"\be-mail(?=s?\b)", re.IGNORECASE)
_UMLAUT: Final = re.compile("[äöüßÄÖÜ]")


class Reading(NamedTuple):
    """`content`: the words that have to stand in both, as stems, each as often. `names`: those with a
    capital that no sentence gave them, in their order. `bound`: which word follows a preposition that tells who is who.
    `bag`: all words; `order`: those that say something, as they stand there.
    `person`, `asker`, `turn` and `passive` tell who does it, `denied` what the first negation holds, `timings` what
    stands before the numbers, `letters` those of a formula, `form` the tense of a verb that stands alone."""

    language: str
    kind: str
    content: frozenset[str]
    negations: int
    marks: tuple[str, ...]
    names: tuple[str, ...]
    bound: dict[str, str]
    mood: str
    tense: str
    form: str
    letters: tuple[str, ...]
    scope: str
    person: str
    asker: str
    denied: str
    turn: str
    passive: bool
    timings: tuple[str, ...]
    literals: Literals
    bag: tuple[str, ...]
    order: tuple[str, ...]


class _Word(NamedTuple):
    text: str  # in lower case
    capital: bool  # though no sentence begins with it
    acronym: bool
    last: bool  # of its clause


def read(text: str) -> Reading | None:
    """None where the language is none of those that the guard knows, or cannot be told: such a question has no twin."""
    words = _words(text)
    lexicon = _language(text, words)
    if lexicon is None:
        return None
    folded = " ".join(text.lower().replace("’", "'").split())
    bare = lexicon.wrappings[0].sub("", folded).lstrip(" ,") if lexicon.wrappings else folded
    kind = next((kind for pattern, kind in lexicon.kinds if pattern.search(bare)), "statement")
    literals = literals_of(_MAIL.sub("email", text), lexicon.numbers, lexicon.units, lexicon.thousands)
    unwrapped = _unwrapped(lexicon, literals.rest)
    reading = _read(lexicon, literals, _words(unwrapped), kind)
    turn = next((turn for pattern, turn in lexicon.turns if pattern.search(bare)), "")
    reading = reading._replace(turn=turn, timings=_timings(lexicon, unwrapped), letters=_letters(unwrapped))
    if lexicon.obliged is not None and lexicon.obliged.search(folded):
        reading = reading._replace(mood="must")
    if lexicon.priced is not None and not literals.numbers and lexicon.priced.search(folded):
        return reading._replace(content=reading.content | {_named(lexicon, "price")})
    return reading


def _unwrapped(lexicon: Lexicon, text: str) -> str:
    """Capitals stay: a wrapping is looked for in the folded text, and cut out of the other."""
    for pattern in lexicon.wrappings:
        folded = text.lower()
        if len(folded) != len(text):  # a letter that has two in lower case
            return text
        for found in reversed(list(pattern.finditer(folded))):
            text = f"{text[: found.start()]} {text[found.end() :]}".lstrip()
    return text


def _language(text: str, words: Sequence[_Word]) -> Lexicon | None:
    """The one that more of the words belong to; a tie is no answer."""
    found = {word.text for word in words}
    (most, lexicon), (second, _) = sorted(
        ((len(found & (each.common | each.negations | each.marks)), each) for each in LEXICONS),
        key=lambda pair: -pair[0],
    )
    if most != second:
        return lexicon
    if _UMLAUT.search(text):
        return GERMAN
    by_words = [sum(each.stem(word, False) in each.groups for word in found) for each in LEXICONS]
    return None if by_words[0] == by_words[1] else LEXICONS[by_words.index(max(by_words))]


def _words(text: str) -> list[_Word]:
    words: list[_Word] = []
    first = True
    tokens = _WORD.findall(text)
    for at, found in enumerate(tokens):
        if found in _STOPS:
            first = first or found != ","
            continue
        if found == LITERAL:
            first = False
            continue
        last = at + 1 == len(tokens) or tokens[at + 1] in _STOPS
        acronym = len(found) > 1 and found.isupper()
        words.append(_Word(found.lower().replace("’", "'"), found[0].isupper() and not first, acronym, last))
        first = False
    return words


def _read(lexicon: Lexicon, literals: Literals, words: Sequence[_Word], kind: str) -> Reading:
    content: list[str] = []
    marks: list[str] = []
    names: list[str] = []
    bound: dict[str, str] = {}
    negations = 0
    binding = denied = ""
    waiting = False  # a negation, for what it denies
    previous: _Word | None = None
    for word in words:
        text = word.text
        if text == "i" and word.capital and previous and previous.capital and not previous.last:  # Elizabeth I
            content.append("i!")
        previous = word
        if text in lexicon.negations or text.endswith("n't"):
            negations += 1
            waiting = True
            continue
        if text in lexicon.bindings:
            binding = text
        if text in lexicon.marks:
            marks.append(lexicon.stem(text, False))
            continue
        stems = _stems(lexicon, word)
        content.extend(stems)
        if stems and waiting:
            denied, waiting = denied or stems[-1], False
        if stems and binding:
            bound[binding], binding = stems[-1], ""
        if stems and word.capital and lexicon.names_have_capitals and not word.acronym:
            names.append(stems[-1])
    return Reading(
        language=lexicon.language,
        kind=kind,
        content=frozenset(_joined(lexicon, _counted(content)) - _implied(lexicon, kind, content)),
        negations=negations,
        marks=tuple(sorted(marks)),
        names=tuple(names),
        bound=bound,
        mood=_first(lexicon.moods, words),
        tense=_first(lexicon.tenses, words[:3]),
        form=_form(lexicon, words),
        letters=(),
        scope=_first(lexicon.scopes, words) if kind == "yesno" else "",
        person=_only(lexicon.persons, words),
        asker=_only(lexicon.askers, words),
        denied=denied if any(word.text in lexicon.contrasts for word in words) else "",
        turn="",
        passive=any(word.text in lexicon.passive for word in words) and any(by in bound for by in lexicon.agents),
        timings=(),
        literals=literals,
        bag=tuple(lexicon.stem(word.text, False) for word in words),
        order=tuple(content),
    )


def _stems(lexicon: Lexicon, word: _Word) -> tuple[str, ...]:
    """What a word says; nothing where it is one of those that only hold a question together."""
    text = word.text
    if word.last and text in lexicon.particles:
        return (f"+{text}",)
    if text in lexicon.common:
        return (f"{text}!",) if _is_a_name(lexicon, word) else ()
    degree = lexicon.degrees.get(text)
    if degree is not None:
        return (degree.degree, _named(lexicon, lexicon.stem(degree.base, False)))
    if text in lexicon.units:
        return (lexicon.units[text],)
    if text in lexicon.frames:
        return (f"{text}!",) if lexicon.names_have_capitals and word.capital else ()
    stem = lexicon.stem(text, word.capital)
    if stem in lexicon.groups:
        return (lexicon.groups[stem],)
    return tuple(
        part if part[0] == "+" else _named(lexicon, lexicon.stem(part, False)) for part in _parts(lexicon, word)
    )


def _is_a_name(lexicon: Lexicon, word: _Word) -> bool:
    """Vitamin A, an AND gate, the US, in May: a word that says nothing else does."""
    if word.text == "i" or not word.capital:
        return False
    return lexicon.names_have_capitals or word.acronym or len(word.text) == 1


def _parts(lexicon: Lexicon, word: _Word) -> tuple[str, ...]:
    parts = lexicon.split(word.text)
    return (word.text,) if word.capital and not word.text.endswith(lexicon.verbal) else parts


def _named(lexicon: Lexicon, stem: str) -> str:
    return lexicon.groups.get(stem, stem)


def _implied(lexicon: Lexicon, kind: str, content: Sequence[str]) -> frozenset[str]:
    implied = lexicon.implied.get(kind, frozenset())
    if any(stem.endswith(lexicon.amounts) for stem in content):
        return implied | lexicon.extents
    return implied


def _counted(content: Iterable[str]) -> set[str]:
    """A word that stands there again is another one: a list of lists is no list."""
    seen: Counter[str] = Counter()
    counted: set[str] = set()
    for stem in content:
        seen[stem] += 1
        counted.add(stem if seen[stem] == 1 else f"{stem} {seen[stem]}")
    return counted


def _joined(lexicon: Lexicon, content: set[str]) -> set[str]:
    """A verb and its particle that stand apart may together be a word of a group."""
    particles = [stem for stem in content if stem[0] == "+"]
    for particle in particles:
        for verb in content:
            whole = lexicon.groups.get(particle[1:] + verb)
            if whole is not None:
                return (content - {particle, verb}) | {whole}
    return content - lexicon.light if particles else content


def _timings(lexicon: Lexicon, text: str) -> tuple[str, ...]:
    """What stands before the numbers, of what tells a moment from a while."""
    tokens = text.lower().split()
    return tuple(
        before for before, token in pairwise(tokens) if token.startswith(LITERAL) and before in lexicon.timings
    )


def _letters(text: str) -> tuple[str, ...]:
    """Of a formula: a = b is not b = a."""
    tokens = [token.strip(".,;:!?") for token in text.split()]
    return tuple(
        token
        for at, token in enumerate(tokens)
        if len(token) == 1 and token.isalpha() and LITERAL in tokens[max(at - 1, 0) : at + 2]
    )


def _form(lexicon: Lexicon, words: Sequence[_Word]) -> str:
    """Where no other verb tells it: who wins, who won."""
    found = {word.text for word in words}
    if found & lexicon.pasts:
        return "past"
    return "" if found & lexicon.auxiliaries or any(word.endswith("ed") for word in found) else "now"


def _only(names: Mapping[str, str], words: Sequence[_Word]) -> str:
    """Nothing where there are two."""
    found = {names[word.text] for word in words if word.text in names}
    return found.pop() if len(found) == 1 else ""


def _first(names: Mapping[str, str], words: Sequence[_Word]) -> str:
    return next((names[word.text] for word in words if word.text in names), "")
