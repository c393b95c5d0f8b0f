"""Tasks with exact answers, made from a seed: what the benchmark of the cascade asks two models.

Two sets. `middle`: a small model gets about half of each kind right, which is what a cascade is for. `hard`: it fails
most of them, and which is seen from the prompt. All prompts are of the project's own making.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence

from bench.cascade_lists import CAPITALS, KINDS, NAMES, OPPOSITES, PASTS, WORDS_ABROAD
from bench.cascade_middle import MIDDLE
from bench.cascade_task import Task


def tasks(seed: int, each: int, makers: Sequence[Callable[[random.Random], Task]]) -> list[Task]:
    """`each` different prompts of every kind, in a random order."""
    made: list[Task] = []
    for maker in makers:
        chance = random.Random(f"{seed} {maker.__name__}")
        seen: set[str] = set()
        tries = 0
        while len(seen) < each and tries < each * 40:
            task = maker(chance)
            tries += 1
            if task.prompt not in seen:
                seen.add(task.prompt)
                made.append(task)
    random.Random(seed).shuffle(made)
    return made


def _number(chance: random.Random, digits: int) -> int:
    return chance.randint(10 ** (digits - 1), 10**digits - 1)


def _add(chance: random.Random) -> Task:
    a, b = _number(chance, chance.randint(1, 4)), _number(chance, chance.randint(1, 4))
    return Task("add", f"What is {a} + {b}?", str(a + b), "number")


def _subtract(chance: random.Random) -> Task:
    a, b = sorted((_number(chance, chance.randint(1, 4)), _number(chance, chance.randint(1, 3))), reverse=True)
    return Task("subtract", f"What is {a} - {b}?", str(a - b), "number")


def _multiply(chance: random.Random) -> Task:
    a, b = _number(chance, chance.randint(1, 2)), _number(chance, chance.randint(1, 2))
    return Task("multiply", f"What is {a} times {b}?", str(a * b), "number")


def _percent(chance: random.Random) -> Task:
    share, whole = chance.choice((5, 10, 20, 25, 50, 75)), chance.randint(1, 40) * 20
    return Task("percent", f"What is {share}% of {whole}?", str(share * whole // 100), "number")


def _story(chance: random.Random) -> Task:
    name, thing = chance.choice(NAMES), chance.choice(("apples", "marbles", "books", "coins", "stamps"))
    a, b = chance.randint(3, 60), chance.randint(2, 40)
    if chance.random() < 0.5:
        prompt = f"{name} has {a} {thing} and buys {b} more. How many {thing} does {name} have now?"
        return Task("story", prompt, str(a + b), "number")
    a += b
    prompt = f"{name} has {a} {thing} and gives {b} of them away. How many {thing} does {name} have left?"
    return Task("story", prompt, str(a - b), "number")


def _cost(chance: random.Random) -> Task:
    count, price, more = chance.randint(2, 12), chance.randint(2, 20), chance.randint(1, 30)
    thing = chance.choice(("pens", "tickets", "plates", "lamps"))
    prompt = (
        f"{count} {thing} cost {price} dollars each, and delivery costs {more} dollars. What is the total in dollars?"
    )
    return Task("cost", prompt, str(count * price + more), "number")


def _units(chance: random.Random) -> Task:
    big, small, factor = chance.choice(_UNITS)
    count = chance.randint(2, 15)
    return Task("units", f"How many {small} are there in {count} {big}?", str(count * factor), "number")


def _largest(chance: random.Random) -> Task:
    digits = chance.randint(2, 4)
    numbers = chance.sample(range(10 ** (digits - 1), 10**digits), chance.randint(2, 6))
    rivals = tuple(str(n) for n in numbers if n != max(numbers))
    listed = ", ".join(map(str, numbers))
    prompt = f"Which of these numbers is the largest: {listed}? Answer with that number only."
    return Task("largest", prompt, str(max(numbers)), "word", rivals)


def _sort(chance: random.Random) -> Task:
    numbers = chance.sample(range(1, 100), chance.randint(3, 6))
    listed = ", ".join(map(str, numbers))
    prompt = f"Sort these numbers from smallest to largest: {listed}. Answer with the sorted list only."
    return Task("sort", prompt, " ".join(map(str, sorted(numbers))), "word")


def _copy(chance: random.Random) -> Task:
    word = "".join(chance.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(chance.randint(4, 14)))
    return Task("copy", f"Repeat this code exactly and say nothing else: {word}", word, "word")


def _backwards(chance: random.Random) -> Task:
    word = chance.choice(_SHORT_WORDS)
    return Task("backwards", f"Write the word '{word}' backwards.", word[::-1], "word")


def _letter(chance: random.Random) -> Task:
    word, (place, index) = chance.choice(_SHORT_WORDS), chance.choice((("first", 0), ("second", 1), ("last", -1)))
    letter = word[index]
    prompt = f"What is the {place} letter of the word '{word}'? Answer with one letter."
    return Task("letter", prompt, letter, "word", tuple(c for c in "bcdefghjklmnopqruvwxyz" if c != letter))


def _capital(chance: random.Random) -> Task:
    country, capital = chance.choice(CAPITALS)
    rivals = tuple(city for _, city in CAPITALS if city != capital)
    return Task("capital", f"What is the capital of {country}?", capital, "word", rivals)


def _opposite(chance: random.Random) -> Task:
    pair = chance.choice(OPPOSITES)
    word, other = pair if chance.random() < 0.5 else pair[::-1]
    prompt = f"What is the opposite of '{word}'? Answer with one word."
    return Task("opposite", prompt, other, "word")


def _translate(chance: random.Random) -> Task:
    english, *others = chance.choice(WORDS_ABROAD)
    language, word = chance.choice(list(zip(("French", "German", "Spanish"), others, strict=True)))
    return Task("translate", f"What is the {language} word for '{english}'? Answer with one word.", word, "word")


def _day(chance: random.Random) -> Task:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    at, step = chance.randrange(7), chance.randint(1, 6)
    asked, right = days[at], days[(at + step) % 7]
    gap = "1 day" if step == 1 else f"{step} days"
    rivals = tuple(day for day in days if day not in (asked, right))
    return Task("day", f"Today is {asked}. Which day of the week is it in {gap}?", right, "word", rivals)


def _kind(chance: random.Random) -> Task:
    group, members = chance.choice(KINDS)
    kinds = [name for name, _ in KINDS]
    chance.shuffle(kinds)
    prompt = f"Is '{chance.choice(members)}' {_listed(kinds)}? Answer with one word."
    return Task("kind", prompt, group, "word", tuple(name for name in kinds if name != group))


def _past(chance: random.Random) -> Task:
    verb, past = chance.choice(PASTS)
    return Task("past", f"What is the past tense of the verb '{verb}'? Answer with one word.", past, "word")


def _city(chance: random.Random) -> Task:
    people, cities = chance.sample(NAMES, 3), chance.sample([city for _, city in CAPITALS], 3)
    told = " ".join(f"{name} lives in {city}." for name, city in zip(people, cities, strict=True))
    at = chance.randrange(3)
    rivals = tuple(city for city in cities if city != cities[at])
    return Task("city", f"{told} Where does {people[at]} live? Answer with the city.", cities[at], "word", rivals)


def _object(chance: random.Random) -> Task:
    name, age, city = chance.choice(NAMES), chance.randint(18, 90), chance.choice(CAPITALS)[1]
    value = {"name": name, "age": age, "city": city}
    kinds = {"name": "string", "age": "integer", "city": "string"}
    schema = {
        "type": "object",
        "properties": {key: {"type": kind} for key, kind in kinds.items()},
        "required": list(kinds),
        "additionalProperties": False,
    }
    prompt = (
        f"{name} is {age} years old and lives in {city}. Write this as a JSON object with the keys name, "
        "age (a number) and city. Answer with the JSON only."
    )
    return Task("object", prompt, json.dumps(value), "json", schema=schema)


def _even(chance: random.Random) -> Task:
    number = _number(chance, chance.randint(1, 4))
    right, wrong = ("even", "odd") if number % 2 == 0 else ("odd", "even")
    return Task("even", f"Is the number {number} even or odd? Answer with one word.", right, "word", (wrong,))


def _listed(names: list[str]) -> str:
    shown = [f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in names]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


_UNITS = [
    ("hours", "minutes", 60),
    ("days", "hours", 24),
    ("weeks", "days", 7),
    ("metres", "centimetres", 100),
    ("kilograms", "grams", 1000),
    ("years", "months", 12),
    ("dozens", "pieces", 12),
    ("minutes", "seconds", 60),
]
_SHORT_WORDS = [
    "cat",
    "dog",
    "sun",
    "tree",
    "lamp",
    "book",
    "house",
    "table",
    "green",
    "river",
    "stone",
    "cloud",
    "bread",
    "chair",
    "plant",
    "tiger",
    "music",
    "window",
    "garden",
    "summer",
    "bottle",
    "pencil",
]
HARD: tuple[Callable[[random.Random], Task], ...] = (
    _add,
    _subtract,
    _multiply,
    _percent,
    _story,
    _cost,
    _units,
    _largest,
    _sort,
    _copy,
    _backwards,
    _letter,
    _capital,
    _opposite,
    _translate,
    _day,
    _kind,
    _past,
    _city,
    _object,
    _even,
)
SETS = {"middle": MIDDLE, "hard": HARD}
