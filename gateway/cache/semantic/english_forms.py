"""What English makes of its words, as the guard knows it: inflections, degrees."""

from __future__ import annotations

import re
from typing import Final

from gateway.cache.semantic.lexicon import Degree, paired

_IRREGULAR: Final = paired("""
buy bought
write wrote written
build built
pay paid
send sent
win won
lose lost losing
find found
give gave given giving
take took taken taking
make made making
go went gone goes
come came
get got gotten
run ran
leave left
keep kept
tell told
speak spoke spoken
break broke broken
drive drove driven
fly flew flown
fall fell fallen
grow grew grown
hold held
know knew known
sell sold
stand stood
teach taught
understand understood
spend spent
hide hid hidden
eat ate eaten
drink drank drunk
begin began begun
say said
mean meant
sing sang sung
swim swam swum
throw threw thrown
wear wore worn
choose chose chosen
child children
use used uses using
undo undone undid
person people persons
man men
woman women
tooth teeth
foot feet
mouse mice
bear born borne
die died dies dying
lie lay lain
differ differs differing
""")

_ADJECTIVES: Final = """
big bigger biggest
large larger largest
small smaller smallest
high higher highest
low lower lowest
tall taller tallest
long longer longest
short shorter shortest
old older oldest
young younger youngest
fast faster fastest
quick quicker quickest
slow slower slowest
cheap cheaper cheapest
good better best
bad worse worst
heavy heavier heaviest
light lighter lightest
strong stronger strongest
weak weaker weakest
hot hotter hottest
warm warmer warmest
cold colder coldest
early earlier earliest
late later latest
near nearer nearest
near closer closest
far farther farthest
wide wider widest
deep deeper deepest
loud louder loudest
quiet quieter quietest
easy easier easiest
hard harder hardest
new newer newest
safe safer safest
rich richer richest
poor poorer poorest
bright brighter brightest
dark darker darkest
"""


def stem(word: str, capital: bool) -> str:
    """Inflections off; of names only the genitive."""
    for end in ("'s", "’s", "'", "’"):
        word = word.removesuffix(end)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if capital or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for end in ("ing", "ed"):
        if word.endswith(end) and len(word) - len(end) >= 3 and re.search("[aeiouy]", word[: -len(end)]):
            word = word[: -len(end)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word.removesuffix("e") if len(word) > 3 else word


def degrees() -> dict[str, Degree]:
    found: dict[str, Degree] = {}
    for line in _ADJECTIVES.strip().splitlines():
        base, more, most = line.split()
        found[more], found[most] = Degree(base, "<er>"), Degree(base, "<est>")
    return found
