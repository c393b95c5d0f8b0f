"""Features of an answer: what can be seen of it without another model. NaN where it cannot be seen."""

from __future__ import annotations

import math
import re
from typing import Final

from router.cascade.agreement import agreement, overlap
from router.cascade.answer import Answer, Question, Token
from router.cascade.arithmetic import asked, says, statements
from router.cascade.loops import repeated
from router.cascade.refusal import is_refusal

FEATURES_VERSION: Final = 1
FEATURE_NAMES: Final = (
    "mean_logprob",  # of all tokens
    "min_logprob",
    "spread_logprob",  # standard deviation
    "low_share",  # tokens less likely than one half
    "mean_margin",  # to the best other token
    "min_margin",
    "first_logprob",
    "new_mean",  # of tokens with letters or digits that the question does not hold
    "new_min",
    "new_margin",
    "digit_min",  # of tokens with digits
    "digit_margin",
    "log_length",  # characters
    "log_tokens",
    "repeated",
    "is_cut",
    "is_refusal",
    "says_asked",  # the value that the question asks for is the last number
    "sums_right",
    "again_same",  # a second sample
    "again_overlap",
    "difficulty",  # log-odds, from the prompt alone
)
_LONGEST: Final = 20_000  # characters of a question, in each of which every token of an answer is looked for
_LOW: Final = math.log(0.5)
_UNKNOWN: Final = float("nan")
_WORD: Final = re.compile(r"[^\W_]+")
_SMALL: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "has",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "to",
        "was",
        "with",
        "you",
        "your",
        "answer",
        "le",
        "la",
        "les",
        "de",
        "des",
        "du",
        "un",
        "une",
        "est",
        "et",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "ist",
        "und",
        "el",
        "los",
        "las",
        "es",
        "y",
    ]
)


def features(question: Question, answer: Answer) -> list[float]:
    """One number for each of `FEATURE_NAMES`."""
    said = statements(answer.text, question.prompt, is_whole=answer.is_ended)
    wanted = asked(question.prompt)
    found = None if wanted is None else says(answer.text, wanted)
    again = answer.again
    difficulty = question.difficulty
    return [
        *_confidence(answer.tokens),
        *_news(question.prompt, answer.tokens),
        *_digits(answer.tokens),
        math.log1p(len(answer.text)),
        math.log1p(len(answer.tokens)) if answer.tokens else _UNKNOWN,
        repeated(answer.text),
        float(answer.finish == "length"),
        float(is_refusal(answer.text)),
        _UNKNOWN if found is None else float(found[1]),
        math.log1p(said.right),
        _UNKNOWN if again is None else agreement(answer.text, again),
        _UNKNOWN if again is None else overlap(answer.text, again),
        _UNKNOWN if difficulty is None else _log_odds(difficulty),
    ]


def _confidence(tokens: tuple[Token, ...]) -> list[float]:
    if not tokens:
        return [_UNKNOWN] * 7
    logprobs = [token.logprob for token in tokens]
    margins = _margins(tokens)
    mean = sum(logprobs) / len(logprobs)
    spread = math.sqrt(sum((logprob - mean) ** 2 for logprob in logprobs) / len(logprobs))
    low = sum(logprob < _LOW for logprob in logprobs) / len(logprobs)
    least = min(margins) if margins else _UNKNOWN
    middle = sum(margins) / len(margins) if margins else _UNKNOWN
    return [mean, min(logprobs), spread, low, middle, least, logprobs[0]]


def _news(prompt: str, tokens: tuple[Token, ...]) -> list[float]:
    """What the answer says that the question does not: there a guess shows."""
    known = prompt[-_LONGEST:].lower()
    new = [token for token in tokens if _is_new(token.text.strip().lower(), known)]
    if not new:
        return [_UNKNOWN] * 3
    logprobs = [token.logprob for token in new]
    margins = _margins(tuple(new))
    return [sum(logprobs) / len(logprobs), min(logprobs), min(margins) if margins else _UNKNOWN]


def _is_new(text: str, known: str) -> bool:
    return bool(_WORD.search(text)) and text not in _SMALL and text not in known


def _digits(tokens: tuple[Token, ...]) -> list[float]:
    those = tuple(token for token in tokens if any(character.isdigit() for character in token.text))
    if not those:
        return [_UNKNOWN] * 2
    margins = _margins(those)
    return [min(token.logprob for token in those), min(margins) if margins else _UNKNOWN]


def _margins(tokens: tuple[Token, ...]) -> list[float]:
    return [token.logprob - token.second for token in tokens if token.second is not None]


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 0.01), 0.99)
    return math.log(kept / (1.0 - kept))
