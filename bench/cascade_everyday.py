"""Everyday tasks with exact answers: small sums, look-ups, extraction, classification. Part of each goes well."""

from __future__ import annotations

import random
from collections.abc import Callable

from bench.cascade_lists import (
    CAPITALS,
    COLOURS,
    KINDS,
    MONTHS,
    NAMES,
    OPPOSITES,
    PASTS,
    PHRASES,
    PLACES,
    REVIEWS,
    THINGS,
    WORDS_ABROAD,
    YOUNG,
)
from bench.cascade_task import Task

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _sum(chance: random.Random) -> Task:
    a, b = chance.randint(1, 30), chance.randint(1, 20)
    return Task("small sum", f"What is {a} + {b}?", str(a + b), "number")


def _difference(chance: random.Random) -> Task:
    b = chance.randint(1, 15)
    a = b + chance.randint(1, 20)
    return Task("small difference", f"What is {a} - {b}?", str(a - b), "number")


def _product(chance: random.Random) -> Task:
    a, b = chance.randint(2, 12), chance.randint(2, 12)
    return Task("small product", f"What is {a} times {b}?", str(a * b), "number")


def _shop(chance: random.Random) -> Task:
    name, thing = chance.choice(NAMES), chance.choice(THINGS)
    a, b = chance.randint(2, 15), chance.randint(2, 12)
    prompt = f"{name} has {a} {thing} and buys {b} more. How many {thing} does {name} have now?"
    return Task("shop", prompt, str(a + b), "number")


def _larger(chance: random.Random) -> Task:
    a, b = chance.sample(range(1, 200), 2)
    prompt = f"Which number is larger, {a} or {b}? Answer with that number only."
    return Task("larger", prompt, str(max(a, b)), "word", (str(min(a, b)),))


def _digits(chance: random.Random) -> Task:
    number = chance.randint(11, 99)
    return Task("digits", f"Write the number {_in_words(number)} in digits.", str(number), "number")


def _words(chance: random.Random) -> Task:
    number = chance.randint(11, 99)
    return Task("words", f"Write the number {number} in words.", _in_words(number).replace("-", " "), "word")


def _is_in(chance: random.Random) -> Task:
    country, city = chance.choice(CAPITALS)
    other = chance.choice([name for name, _ in CAPITALS if name != country])
    right = chance.random() < 0.5
    prompt = f"Is {city} in {country if right else other}? Answer yes or no."
    return Task("is in", prompt, "yes" if right else "no", "word", ("no",) if right else ("yes",))


def _is_a(chance: random.Random) -> Task:
    (kind, members), (other, _) = chance.sample(KINDS, 2)
    right = chance.random() < 0.5
    prompt = f"Is '{chance.choice(members)}' a kind of {kind if right else other}? Answer yes or no."
    return Task("is a", prompt, "yes" if right else "no", "word", ("no",) if right else ("yes",))


def _review(chance: random.Random) -> Task:
    mood = chance.choice(("positive", "negative"))
    first, second = chance.sample(REVIEWS[mood], 2)
    prompt = (
        f"Is this review of a {chance.choice(PLACES)} positive or negative? '{first} {second}' Answer with one word."
    )
    return Task("review", prompt, mood, "word", ("negative" if mood == "positive" else "positive",))


def _order(chance: random.Random) -> Task:
    number, name, other = chance.randint(10_000, 99_999), chance.choice(NAMES), chance.randint(10, 99)
    text = chance.choice(
        (
            f"Hello, this is {name}. I bought {other} pens, order {number}, and nothing has come.",
            f"Please cancel order {number}. I live at {other} Mill Lane. Thanks, {name}",
            f"{name} here, I am {other} years old. My order is {number} and it came broken.",
        )
    )
    return Task("order", f"What is the order number in this message? '{text}'", str(number), "word", (str(other),))


def _meeting(chance: random.Random) -> Task:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    first, second = chance.sample(days, 2)
    name = chance.choice(NAMES)
    prompt = f"'{name} is away on {first}, so we meet on {second}.' On which day do we meet? Answer with one word."
    return Task("meeting", prompt, second, "word", (first,))


def _who(chance: random.Random) -> Task:
    people, things = chance.sample(NAMES, 2), chance.sample(THINGS, 2)
    told = f"{people[0]} brings the {things[0]}, and {people[1]} brings the {things[1]}."
    at = chance.randrange(2)
    prompt = f"'{told}' Who brings the {things[at]}? Answer with the name."
    return Task("who", prompt, people[at], "word", (people[1 - at],))


def _capital(chance: random.Random) -> Task:
    country, city = chance.choice(CAPITALS)
    prompt = f"Name the capital of {country}. Answer with one word."
    return Task("capital city", prompt, city, "word", tuple(other for _, other in CAPITALS if other != city))


def _opposite(chance: random.Random) -> Task:
    pair = chance.choice(OPPOSITES)
    word, other = pair if chance.random() < 0.5 else pair[::-1]
    return Task("opposite word", f"Give the opposite of the word '{word}'.", other, "word")


def _past(chance: random.Random) -> Task:
    verb, past = chance.choice(PASTS)
    return Task("past form", f"Complete: Today I {verb}, yesterday I ...", past, "word")


def _translate(chance: random.Random) -> Task:
    english, *others = chance.choice(WORDS_ABROAD)
    language, word = chance.choice(list(zip(("French", "German", "Spanish"), others, strict=True)))
    return Task("translation", f"Translate '{english}' into {language}.", word, "word")


def _language(chance: random.Random) -> Task:
    language = chance.choice(tuple(PHRASES))
    phrase = chance.choice(PHRASES[language])
    prompt = f"In which language is this written: '{phrase}'? Answer with one word."
    return Task("language", prompt, language, "word", tuple(name for name in PHRASES if name != language))


def _month(chance: random.Random) -> Task:
    at, step = chance.randrange(12), chance.choice((1, -1))
    word, right = ("after" if step == 1 else "before"), MONTHS[(at + step) % 12]
    rivals = tuple(name for name in MONTHS if name not in (right, MONTHS[at]))
    return Task("month", f"Which month comes {word} {MONTHS[at]}? Answer with one word.", right, "word", rivals)


def _colour(chance: random.Random) -> Task:
    thing, colour = chance.choice(COLOURS)
    rivals = tuple({other for _, other in COLOURS if other != colour})
    return Task("colour", f"What colour is {thing}? Answer with one word.", colour, "word", rivals)


def _young(chance: random.Random) -> Task:
    animal, young = chance.choice(YOUNG)
    return Task("young", f"What is a young {animal} called? Answer with one word.", young, "word")


def _in_words(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    tens, rest = divmod(number, 10)
    return _TENS[tens - 2] if not rest else f"{_TENS[tens - 2]}-{_UNITS[rest]}"


EVERYDAY: tuple[Callable[[random.Random], Task], ...] = (
    _sum,
    _difference,
    _product,
    _shop,
    _larger,
    _digits,
    _words,
    _is_in,
    _is_a,
    _review,
    _order,
    _meeting,
    _who,
    _capital,
    _opposite,
    _past,
    _translate,
    _language,
    _month,
    _colour,
    _young,
)
