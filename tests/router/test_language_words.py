"""If these fail, words count that can never be found, or a language has too few to be told."""

from __future__ import annotations

from router.language_words import DECOYS, WORDS


def test_words_are_as_they_are_looked_up() -> None:
    for language, words in (WORDS | DECOYS).items():
        assert all(word == word.lower() and word.isalpha() for word in words.split()), language


def test_each_language_has_words_of_its_own() -> None:
    for language, words in WORDS.items():
        others = {word for name, theirs in WORDS.items() if name != language for word in theirs.split()}
        assert len(set(words.split()) - others) >= 40, language
