"""If these fail, the word lists of the guard say something else than whoever wrote them meant."""

from __future__ import annotations

import pytest

from gateway.cache.semantic.lexicon import Lexicon, grouped, paired
from gateway.cache.semantic.reading import LEXICONS


def plain(word: str, capital: bool) -> str:
    return word


def test_a_group_is_called_by_its_first_word() -> None:
    assert grouped("buy purchase\ncost price", plain) == {
        "buy": "buy",
        "purchase": "buy",
        "cost": "cost",
        "price": "cost",
    }


def test_a_word_in_two_groups_is_refused() -> None:
    with pytest.raises(ValueError, match="price is in two groups: cost and value"):
        grouped("cost price\nvalue price", plain)


def test_pairs_have_a_name_and_its_words() -> None:
    assert paired("2 two twice\n3 three") == {"2": "2", "two": "2", "twice": "2", "3": "3", "three": "3"}


OPPOSITES = {
    "en": "on off|with without|before after|more less|increase decrease|open close|up down|buy sell|win lose|start end|"
    "enable disable|import export|accept decline|add remove|legal illegal|maximum minimum|first last|cheap expensive|"
    "encrypt decrypt|install uninstall|push pull|send receive|allow forbid|good bad|early late|old new",
    "de": "ein aus|mit ohne|vor nach|mehr weniger|erhöhen senken|öffnen schließen|kaufen verkaufen|gewinnen verlieren|"
    "aktivieren deaktivieren|importieren exportieren|annehmen ablehnen|legal illegal|erlauben verbieten|"
    "verschlüsseln entschlüsseln|anmelden abmelden|früh spät|gut schlecht|alt neu|billig teuer|größer kleiner",
}


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.language)
def test_no_two_opposites_mean_the_same(lexicon: Lexicon) -> None:
    for pair in OPPOSITES[lexicon.language].split("|"):
        one, other = (lexicon.groups.get(lexicon.stem(word, False), word) for word in pair.split())
        assert one != other, pair


@pytest.mark.parametrize("lexicon", LEXICONS, ids=lambda lexicon: lexicon.language)
def test_what_turns_a_question_round_is_nowhere_left_out(lexicon: Lexicon) -> None:
    kept = lexicon.negations | lexicon.marks
    assert not lexicon.frames & kept
    assert not lexicon.loose & kept


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "deliver delivers delivered"),
        ("en", "city cities"),
        ("en", "stop stopped stopping"),
        ("en", "write wrote written"),
        ("de", "lösche löschen löscht gelöscht"),
        ("de", "land länder"),
        ("de", "kündige kündigen kündigt"),
    ],
)
def test_inflected_forms_have_one_stem(language: str, words: str) -> None:
    lexicon = next(each for each in LEXICONS if each.language == language)
    assert len({lexicon.stem(word, False) for word in words.split()}) == 1
