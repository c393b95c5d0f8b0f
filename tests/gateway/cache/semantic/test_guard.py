"""If these fail, a question gets the answer to another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bench.semantic.rows import LANGUAGES, rows
from gateway.cache.semantic.guard import OBJECTIONS, objection
from gateway.cache.semantic.reading import Reading, read


def reading(text: str) -> Reading:
    found = read(text)
    assert found is not None, text
    return found


def between(one: str, other: str) -> str | None:
    return objection(reading(one), reading(other))


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("Convert 10 dollars to euros.", "Convert 20 dollars to euros.", "numbers"),
        ("Give me three tips for better sleep.", "Give me five tips for better sleep.", "numbers"),
        ("How much is 5 GB in MB?", "How much is 5 TB in MB?", "numbers"),
        ("What does the error E1027 mean?", "What does the error E1072 mean?", "code"),
        ("When did the First World War end?", "When did the Second World War end?", "numbers"),
        ("How do I use `git rebase`?", "How do I use `git reset`?", "code"),
        ("What does the flag --force do?", "What does the flag --quiet do?", "code"),
        ("Please solve x + 5 = 12.", "Please solve x - 5 = 12.", "code"),
        ("Is https://example.com/a down?", "Is https://example.com/b down?", "addresses"),
        ("Is mail to a@example.com broken?", "Is mail to b@example.com broken?", "addresses"),
        ('What is the plural of "mouse"?', 'What is the plural of "goose"?', "quotations"),
        ("Which formats are supported?", "Which formats are not supported?", "negation"),
        ("Why can't I log in?", "Why can I log in?", "negation"),
        ("Which countries border Switzerland?", "How many countries border Switzerland?", "kind"),
        ("Where was Beethoven born?", "When was Beethoven born?", "kind"),
        ("Who wrote Emma?", "Who wrote Persuasion?", "content"),
        ("How do I turn on two-factor login?", "How do I turn off two-factor login?", "marks"),
        ("Should I eat before a run?", "Should I eat after a run?", "marks"),
        ("Which plan is larger?", "Which plan is smaller?", "content"),
        ("Which plan is larger?", "Which plan is largest?", "content"),
        ("How do I cook with salt?", "How do I cook without salt?", "marks"),
        ("What is the train from London to Paris?", "What is the train from Paris to London?", "names"),
        ("do cats chase dogs?", "do dogs chase cats?", "order"),
        ("Was it sold by Ann, the owner?", "Was it sold by Bob, the owner Ann?", "content"),
        ("Can I take it with food?", "Must I take it with food?", "mood"),
        ("Is the office open?", "Was the office open?", "tense"),
        ("Rechne 10 Dollar in Euro um.", "Rechne 20 Dollar in Euro um.", "numbers"),
        ("Welche Formate werden unterstützt?", "Welche Formate werden nicht unterstützt?", "negation"),
        ("Welcher Tarif enthält Support?", "Welcher Tarif enthält keinen Support?", "negation"),
        ("Wie schalte ich das Licht ein?", "Wie schalte ich das Licht aus?", "content"),
        ("Wie backe ich Brot mit Hefe?", "Wie backe ich Brot ohne Hefe?", "marks"),
        ("Soll ich vor dem Lauf essen?", "Soll ich nach dem Lauf essen?", "marks"),
        ("Wurde Caesar von Brutus getötet?", "Wurde Brutus von Caesar getötet?", "order"),
        ("Wie viele Länder grenzen an Polen?", "Welche Länder grenzen an Polen?", "kind"),
        ("Wo ist das Paket?", "Wann ist das Paket da?", "kind"),
        ("Find the longest word in a text.", "Find the length of the longest word in a text.", "content"),
        ("Find the longest list in a list.", "Find the longest list in a list of lists.", "content"),
        ("Add the given tuple to the given list.", "Add the given list to the given tuples.", "order"),
        ("How do I cancel an order?", "How do I cancel a recurring order?", "content"),
        ("What is a gateway?", "Was ist ein Gateway?", "language"),
    ],
)
def test_a_near_miss_is_refused_and_it_is_said_why(one: str, other: str, against: str) -> None:
    assert between(one, other) == against
    assert between(other, one) == against
    assert against in OBJECTIONS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do I reset my password?", "What are the steps to reset my password?"),
        ("What does it cost to ship 1,000 units?", "How much does it cost to ship 1000 units?"),
        ("What is 15% of 240?", "How much is 15 percent of 240?"),
        ("How tall is the tower?", "What's the height of the tower?"),
        ("Do you accept credit cards?", "do you accept credit cards"),
        ("When was the Berlin Wall built?", "In which year was the Berlin Wall built?"),
        ("Who approved the plan?", "Who gave approval of the plan?"),
        ("Wie schalte ich das Licht ein?", "Was muss ich tun, um das Licht einzuschalten?"),
        ("Wann wurde die Firma gegründet?", "In welchem Jahr wurde die Firma gegründet?"),
        ("Was kostet der Versand?", "Wie teuer ist der Versand?"),
        ("Welche Nebenwirkungen hat Ibuprofen?", "Was sind die Nebenwirkungen von Ibuprofen?"),
    ],
)
def test_the_same_in_other_words_is_let_through(one: str, other: str) -> None:
    assert between(one, other) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How much is 1.250 kg in pounds?", "How much is 1,250 kg in pounds?"),
        ("Wie viel sind 3,141 km in Meilen?", "Wie viel sind 3141 km in Meilen?"),
        ("How long does a 100 Mb download take?", "How long does a 100 MB download take?"),
        ("Is 5 mW a lot of power?", "Is 5 MW a lot of power?"),
        ("Is it due in 3 days?", "Is it due for 3 days?"),
        ("Hat der Laden um 8 Uhr offen?", "Hat der Laden ab 8 Uhr offen?"),
        ("What does vitamin A do in the body?", "What does vitamin D do in the body?"),
        ("What does the AND operator do in SQL?", "What does the IN operator do in SQL?"),
        ("How is the weather in Rome in May?", "How is the weather in Rome?"),
        ("How many people were in the US in 1990?", "How many people were in 1990?"),
        ("Who was Elizabeth I?", "Who was Elizabeth?"),
        ("What is the population of Mexico City?", "What is the population of Mexico?"),
        ("How do I sort a list in Go?", "How do I sort a list?"),
        ("What does travel insurance cost per year?", "What does insurance cost per year?"),
        ("How do I apply for a work visa?", "How do I apply for a visa?"),
        ("Does my cat wear a collar?", "Does my cat want a collar?"),
        ("What is the sum of the first 10 even numbers?", "What is the sum of the first 10 numbers?"),
        ("What does it mean if my right hand itches?", "What does it mean if my hand itches?"),
        ("Should I still take the pills?", "Should I take the pills?"),
        ("Muss ich das noch bezahlen?", "Muss ich das bezahlen?"),
        ("Are all birds able to fly?", "Are some birds able to fly?"),
        ("Können alle Vögel fliegen?", "Können Vögel fliegen?"),
        ("Do I have to register online?", "Can I register online?"),
        ("What can I take on the plane?", "What must I take on the plane?"),
        ("Wann kann ich den Vertrag kündigen?", "Wann muss ich den Vertrag kündigen?"),
        ("Who will be the president of France?", "Who is the president of France?"),
        ("Wer wird Präsident von Frankreich?", "Wer war Präsident von Frankreich?"),
        ("Which fruits contain sugar but not fat?", "Which fruits contain not sugar but fat?"),
        ("Welche Früchte enthalten Zucker, aber kein Fett?", "Welche Früchte enthalten keinen Zucker, aber Fett?"),
        ("How do I copy from the server?", "How do I copy to the server?"),
        ("Kommt der Bus aus Ulm?", "Kommt der Bus in Ulm?"),
        ("Can I use butter instead of oil?", "Could I use oil instead of butter?"),
        ("Könnte ich Butter statt Öl nehmen?", "Kann ich Öl statt Butter nehmen?"),
        ("How do I replace spaces with tabs?", "How can I replace tabs with spaces?"),
        ("Who did Brutus kill?", "Who killed Brutus?"),
        ("Who was killed by Brutus?", "Who killed Brutus?"),
        ("Which company bought Instagram?", "Which company did Instagram buy?"),
        ("What is the cause of diabetes?", "What does diabetes cause?"),
        ("Was Poland invaded by Germany?", "Did Poland invade Germany?"),
        ("Can a cat eat dog food?", "Can the dog eat cat food?"),
        ("How many pounds are in a kilo?", "How many kilos are in one pound?"),
        ("Can my landlord sue me?", "Can I sue my landlord?"),
        ("Darf mein Chef mich kündigen?", "Darf ich meinen Chef kündigen?"),
        ("Wen besiegte Napoleon?", "Wer besiegte Napoleon?"),
        ("Wie wechsle ich den Anbieter?", "Wie bearbeite ich den Anbieter?"),
        ("Replace 5 with `x`.", "Replace `x` with 5."),
        ("What does a = b mean?", "What does b = a mean?"),
        ("What is 10 m in ft?", "What is 10 M in ft?"),
        ("Is it too hot?", "Is it hot?"),
        ("Who wins the match?", "Who won the match?"),
        ("Wer gewinnt das Spiel?", "Wer gewann das Spiel?"),
    ],
)
def test_a_word_or_a_place_that_turns_the_question_round_is_seen(one: str, other: str) -> None:
    """All of these were let through once, and the encoder finds nearly all of them alike."""
    assert between(one, other) is not None
    assert between(other, one) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_all_near_misses_hardly_one_is_let_through(language: str) -> None:
    """Whatever the encoder says: one in a hundred at most."""
    misses = [row for row in rows(language) if row.kind]
    assert len(misses) >= 300
    through = [row.id for row in misses if (a := read(row.a)) and (b := read(row.b)) and objection(b, a) is None]
    assert len(through) <= len(misses) / 100, through


TEXTS = some.sampled_from([text for language in LANGUAGES for row in rows(language) for text in (row.a, row.b)])


@given(TEXTS, TEXTS)
def test_it_does_not_matter_which_of_two_was_first(one: str, other: str) -> None:
    a, b = read(one), read(other)
    if a is not None and b is not None:
        assert (objection(a, b) is None) == (objection(b, a) is None)


@given(some.text(max_size=300), TEXTS)
def test_whatever_is_asked_there_is_an_answer(text: str, other: str) -> None:
    found, kept = read(text), read(other)
    if found is not None and kept is not None:
        assert objection(found, kept) in (None, *OBJECTIONS)


@given(TEXTS, some.integers(2, 10**9))
def test_a_number_more_is_another_question(text: str, number: int) -> None:
    one, other = read(text), read(f"{text} {number}")
    if one is not None and other is not None:
        assert objection(one, other) is not None
