"""If these fail, a rule for French requests gets others, or misses plain ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.supplement import examples
from router.language import LANGUAGES, UNKNOWN, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello, could you tell me how long the train takes?", "en"),
        ("Bonjour, pouvez-vous résumer ce texte en trois phrases ?", "fr"),
        ("Qu'est-ce que l'entropie ?", "fr"),
        ("Kannst du mir bitte erklären, wie ein Kühlschrank funktioniert?", "de"),
        ("¿Puedes explicarme cómo funciona un frigorífico?", "es"),
        ("Puoi spiegarmi come funziona un frigorifero?", "it"),
        ("Você pode me explicar como funciona uma geladeira?", "pt"),
        ("Kun je mij uitleggen hoe een koelkast werkt?", "nl"),
        ("Объясни, пожалуйста, как работает холодильник и что это такое. Это было бы здорово, мы учимся", "ru"),
        ("Поясни, будь ласка, як працює холодильник і навіщо він її гріє", "uk"),
        ("冷蔵庫はどのように動作しますか？", "ja"),
        ("请解释一下冰箱是如何工作的", "zh"),
        ("냉장고가 어떻게 작동하는지 설명해 주세요", "ko"),
        ("Εξήγησε μου πώς λειτουργεί ένα ψυγείο", "el"),
        ("اشرح لي كيف تعمل الثلاجة", "ar"),
        ("הסבר לי איך עובד מקרר", "he"),
        ("อธิบายการทำงานของตู้เย็น", "th"),
    ],
)
def test_plain_sentences_are_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "kaaris ou booba ?",
        "Kan du förklara för mig hur ett kylskåp fungerar och vad det är?",
        "Proszę wyjaśnij mi, jak działa lodówka i co to jest",
        "Poți să îmi explici cum funcționează un frigider și ce este?",
        "Em pots explicar com funciona una nevera i què és això?",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor",
        "b0769ea4-4c79-4799-9dd3-4e35d21b2577",
        "اصلی زبان چیست؟ گربه‌ها",
        "Благодаря на всички",
    ],
)
def test_in_doubt_it_is_unknown(text: str) -> None:
    assert language_of(text) == UNKNOWN


def test_code_between_fences_does_not_count() -> None:
    assert language_of("Was macht das hier?\n```\nif this is not the one then return that for all of them\n```") == "de"


def test_a_formula_in_greek_letters_is_not_greek() -> None:
    assert language_of("Show that the sum of the angles α + β + γ of a triangle is equal to π in the plane") == "en"


def test_hardly_any_generated_prompt_is_taken_for_another_language() -> None:
    told = [(example.language, language_of(example.prompt)) for example in examples()]
    wrong = [pair for pair in told if pair[1] not in (pair[0], UNKNOWN)]
    right = sum(said == language for language, said in told)
    assert not wrong
    assert right >= 0.92 * len(told)


@given(st.text())
def test_any_text_has_one_answer(text: str) -> None:
    assert language_of(text) in (*LANGUAGES, UNKNOWN)
