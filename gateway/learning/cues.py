"""Cues: turns that say of the answer before them that it was wrong, or good. English, French, German and Spanish.

Written for this project: closed lists, few and plain. A turn has to begin with one, for further down the same words
are about something else ("explain why that is wrong"); what is not told stays untold.
"""

from __future__ import annotations

from typing import Final

WRONG: Final = """
that is wrong|that's wrong|that was wrong|this is wrong|it's wrong|you are wrong|you're wrong|wrong answer
that is not right|that's not right|that isn't right|that is incorrect|that's incorrect|this is incorrect
that is not correct|that's not correct|this is not correct|that is not true|that's not true
that's not what i asked|that is not what i asked|that's not what i meant|that is not what i meant
that's not what i wanted|that is not what i wanted|you misunderstood|you didn't answer|you did not answer
that didn't work|that doesn't work|that does not work|it doesn't work|it does not work|still wrong|still not working
still doesn't work|try again|please try again|try it again|do it again|redo it|redo this
c'est faux|c'est incorrect|ce n'est pas correct|c'est pas correct|ce n'est pas juste|c'est inexact|tu te trompes
vous vous trompez|ce n'est pas ce que j'ai demandé|ce n'est pas ce que je voulais|ça ne marche pas
cela ne marche pas|ça ne fonctionne pas|cela ne fonctionne pas|réessaie|réessaye|réessayez|essaie encore
essayez encore|recommence|recommencez|mauvaise réponse
das ist falsch|das war falsch|das stimmt nicht|das stimmt so nicht|das ist nicht richtig|das ist nicht korrekt
das ist nicht wahr|du liegst falsch|du irrst dich|sie irren sich|falsche antwort|das habe ich nicht gefragt
danach habe ich nicht gefragt|das meinte ich nicht|das wollte ich nicht|das funktioniert nicht|das geht nicht
funktioniert nicht|versuch es noch einmal|versuch es nochmal|versuche es noch einmal|versuche es erneut
versuchen sie es noch einmal|versuchen sie es erneut|noch einmal bitte|nochmal bitte|immer noch falsch
eso está mal|está mal|eso es incorrecto|es incorrecto|eso no es correcto|no es correcto|eso es falso|eso no es cierto
eso no es verdad|te equivocas|te has equivocado|se equivoca|no es lo que pregunté|eso no es lo que pregunté
no es lo que pedí|eso no es lo que pedí|no es lo que quería|no funciona|eso no funciona|inténtalo de nuevo
inténtalo otra vez|intenta de nuevo|intente de nuevo|inténtelo de nuevo|hazlo de nuevo|respuesta incorrecta
"""
GOOD: Final = """
thanks|thank you|thx|perfect|great thanks|great thank you|that works|that worked|it works|it worked|works perfectly
exactly what i needed|well done|good job|great answer|good answer
merci|merci beaucoup|parfait|super merci|ça marche|cela marche|ça fonctionne|cela fonctionne
exactement ce qu'il me fallait|bonne réponse
danke|danke schön|danke dir|dankeschön|vielen dank|besten dank|perfekt|super danke|das funktioniert|es funktioniert
hat funktioniert|jetzt geht es|genau das habe ich gebraucht|gute antwort
gracias|muchas gracias|mil gracias|perfecto|funciona|eso funciona|funcionó|justo lo que necesitaba|buena respuesta
"""
OPENERS: Final = """
no nope sorry hmm hm um well but ok okay oh actually please
non désolé mais euh bon alors
nein sorry aber hm ähm also bitte leider
no perdón pero eh bueno lo siento
"""
"""Words that may stand before a cue."""
BUTS: Final = """
but however though although except unfortunately not wrong still advance
mais cependant pourtant sauf malheureusement pas d'avance
aber jedoch leider nicht falsch allerdings voraus trotzdem
pero aunque sin embargo no desgraciadamente antemano
"""
"""Words after which thanks are no praise: they take it back, or come before the answer ("in advance")."""


def _cut(text: str) -> tuple[str, ...]:
    """Words in lower case, with apostrophes inside them; marks only separate."""
    plain = text.casefold().replace("’", "'")
    return tuple("".join(mark if mark.isalnum() or mark == "'" else " " for mark in plain).split())


def _phrases(lists: str) -> frozenset[tuple[str, ...]]:
    return frozenset(_cut(phrase) for line in lists.split("\n") for phrase in line.split("|") if phrase.strip())


_WRONG: Final = _phrases(WRONG)
_GOOD: Final = _phrases(GOOD)
_OPENERS: Final = frozenset(OPENERS.split())
_BUTS: Final = frozenset(BUTS.split())
_LONGEST: Final = max(map(len, _WRONG | _GOOD))
_MOST_OPENERS: Final = 2
_READ: Final = 160  # characters of a turn
_NEAR: Final = 12  # words from the beginning in which thanks can be taken back


def verdict_of(turn: str) -> float | None:
    """0 where a turn finds the answer before it wrong, 1 where it finds it good; None for all others."""
    words = _cut(turn[:_READ])
    start = 0
    for start in range(_MOST_OPENERS + 1):
        if _begins(words[start:], _WRONG):
            return 0.0
        if not words[start : start + 1] or words[start] not in _OPENERS:
            break
    if _begins(words[start:], _GOOD) and not _BUTS.intersection(words[:_NEAR]):
        return 1.0
    return None


def _begins(words: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> bool:
    return any(words[:size] in phrases for size in range(1, min(_LONGEST, len(words)) + 1))
