"""Language: in which one a text is written, told by its script or by its small words; `unknown` where in doubt.

Seven languages are told by words, and those that have a script of their own by it. A language that is not listed is
unknown, not the most similar one. Code and quotations count like everything else that stands there.
"""

from __future__ import annotations

import re

from router.difficulty.words import words_of
from router.language_words import DECOYS, WORDS

UNKNOWN = "unknown"
READ_CHARS = 1_000  # from the beginning: a language shows itself soon
_BITS = 12  # of a score; there are no more than 500 words in what is read
_MASK = (1 << _BITS) - 1
_NAMES = (*WORDS, *DECOYS)
_TOLD = frozenset(WORDS)
_ALONE, _SHARED = 3, 1  # what a word is worth that only one language has, and one that several have
_LEAST = 3
_MARGIN, _MARGIN_SHARE = 3, 0.25  # from the best score to the next: at least, and of the best
_LEAST_SHARE = 0.08  # of the words (numbers included), and more of a text of a few
_CODE = "```"
_SCRIPTED = re.compile(r"[\u0370-\u04ff\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SCRIPTS = (
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("cyrillic", re.compile(r"[\u0400-\u04ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("han", re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")),
)
_LEAST_LETTERS = 4
_LETTERS_OF_A_SIGN = 3  # a Chinese character says as much as so many letters
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_UKRAINIAN, _RUSSIAN, _OTHER_CYRILLIC = re.compile("[іїєґ]"), re.compile("[ыэё]"), re.compile("[јљњћђџўѕќѓәғқңөұүһ]")
_NOT_ARABIC = re.compile("[پچژگکیٹڈڑںےہ]")  # letters of Persian and Urdu


def _evidence() -> dict[bytes, int]:
    """Word → what it is worth for each language, each in bits of its own."""
    owners: dict[str, list[int]] = {}
    for place, words in enumerate((*WORDS.values(), *DECOYS.values())):
        for word in dict.fromkeys(words.split()):
            owners.setdefault(word, []).append(place)
    return {
        word.encode(): sum((_ALONE if len(places) == 1 else _SHARED) << _BITS * place for place in places)
        for word, places in owners.items()
    }


_EVIDENCE = _evidence()
_WORDS = frozenset(_EVIDENCE)
_MARKS = (  # letters that few languages have: what they are worth, and for which
    (re.compile("ß"), 3, "de"),
    (re.compile("[ñ¿¡]"), 3, "es"),
    (re.compile("[ãõ]"), 3, "pt"),
    (re.compile(r"œ|\b[ldnsjcm]['’][aeiouyhéêèà]"), 2, "fr"),
)
_TOLD_BY_SCRIPT = ("zh", "ja", "ko", "ru", "uk", "ar", "he", "el", "th")
LANGUAGES = (*WORDS, *_TOLD_BY_SCRIPT)
"""All that can be told, by their codes of ISO 639-1."""


def language_of(text: str) -> str:
    """One of `LANGUAGES`, or `unknown`. Deterministic; some 10 µs."""
    if _CODE in text:
        text = "\n".join(text.split(_CODE)[::2])
    text = text[:READ_CHARS]
    scripted = None if text.isascii() or _SCRIPTED.search(text) is None else _by_script(text)
    if scripted is not None:
        return scripted
    words = words_of(text, text.encode("utf-8", "replace"))
    found = _WORDS.intersection(words)
    if not found:
        return UNKNOWN
    total = 0
    for word in found:
        total += _EVIDENCE[word]
    if not text.isascii() or "'" in text:
        total += _marks_in(text.lower())
    return _clear_winner(total, len(words))


def _clear_winner(total: int, words: int) -> str:
    best = second = 0
    winner = 0
    for place in range(len(_NAMES)):
        score = total >> _BITS * place & _MASK
        if score > best:
            best, second, winner = score, best, place
        elif score > second:
            second = score
    name = _NAMES[winner]
    if best < _LEAST or name not in _TOLD or best - second < max(_MARGIN, _MARGIN_SHARE * best):
        return UNKNOWN
    return name if best >= _ALONE * _LEAST_SHARE * min(words, 100) else UNKNOWN


def _marks_in(lower: str) -> int:
    total = 0
    for mark, worth, name in _MARKS:
        if mark.search(lower) is not None:
            total += worth << _BITS * _NAMES.index(name)
    return total


def _by_script(text: str) -> str | None:
    """By the script that most letters are of, if hardly any are of another; None: hardly any are not Latin."""
    counts = [(len(letters.findall(text)), script) for script, letters in _SCRIPTS]
    most, script = max(counts)
    others, latin = sum(count for count, _ in counts) - most, len(_LATIN.findall(text))
    if latin > 10 * (most + others):
        return None  # a formula in Greek letters, or a name
    if others > 0.1 * most or most < _LEAST_LETTERS or latin > most * (_LETTERS_OF_A_SIGN if script == "han" else 1):
        return UNKNOWN
    lower = text.lower()
    if script == "cyrillic":
        if _OTHER_CYRILLIC.search(lower) is not None:
            return UNKNOWN
        ukrainian, russian = _UKRAINIAN.search(lower) is not None, _RUSSIAN.search(lower) is not None
        return UNKNOWN if ukrainian == russian else "uk" if ukrainian else "ru"
    if script == "arabic":
        return UNKNOWN if _NOT_ARABIC.search(lower) is not None else "ar"
    if script == "han":
        return "ja" if _KANA.search(text) is not None else "zh"
    return script
