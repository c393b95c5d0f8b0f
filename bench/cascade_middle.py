"""Middling tasks with exact answers: a small model gets about half of each kind right, a prompt hardly tells which."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from bench.cascade_lists import CAPITALS, NAMES
from bench.cascade_task import Task

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _times(chance: random.Random) -> Task:
    a, b = chance.randint(2, 12), chance.randint(2, 12)
    return Task("times", f"What is {a} times {b}?", str(a * b), "number")


def _sum(chance: random.Random) -> Task:
    a, b = chance.randint(1, 30), chance.randint(1, 20)
    return Task("sum", f"What is {a} + {b}?", str(a + b), "number")


def _digits(chance: random.Random) -> Task:
    number = chance.randint(11, 99)
    tens, rest = divmod(number, 10)
    words = _UNITS[number] if number < 20 else _TENS[tens - 2] + (f"-{_UNITS[rest]}" if rest else "")
    return Task("digits", f"Write the number {words} in digits.", str(number), "number")


def _city(chance: random.Random) -> Task:
    people, cities = chance.sample(NAMES, 3), chance.sample([city for _, city in CAPITALS], 3)
    told = " ".join(f"{name} lives in {city}." for name, city in zip(people, cities, strict=True))
    at = chance.randrange(3)
    rivals = tuple(city for city in cities if city != cities[at])
    return Task("city", f"{told} Where does {people[at]} live? Answer with the city.", cities[at], "word", rivals)


def _object(chance: random.Random) -> Task:
    name, age, city = chance.choice(NAMES), chance.randint(18, 90), chance.choice(CAPITALS)[1]
    prompt = (
        f"{name} is {age} years old and lives in {city}. Write this as a JSON object with the keys name, "
        "age (a number) and city. Answer with the JSON only."
    )
    return Task("object", prompt, json.dumps({"name": name, "age": age, "city": city}), "json")


MIDDLE: tuple[Callable[[random.Random], Task], ...] = (_times, _sum, _digits, _city, _object)
