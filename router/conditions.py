"""Conditions: what a routing rule can ask for, a class for each kind.

A condition includes another if it holds whenever that one does; so it can be seen that a rule is never reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from router.expression import Expression
from router.facts import Facts
from router.hours import Hours


class Condition:
    """`name` is that of its setting."""

    def __init__(self, name: str) -> None:
        self.name = name

    def holds(self, facts: Facts) -> bool:
        raise NotImplementedError

    def includes(self, other: Condition) -> bool:
        raise NotImplementedError


class OneOf(Condition):
    """One of several values."""

    def __init__(self, name: str, values: Iterable[str]) -> None:
        super().__init__(name)
        self.values = frozenset(values)

    def includes(self, other: Condition) -> bool:
        return isinstance(other, OneOf) and other.name == self.name and self.values >= other.values


class KeyIs(OneOf):
    """Asked with one of these keys."""

    def holds(self, facts: Facts) -> bool:
        return facts.asker.key in self.values


class TeamIs(OneOf):
    """Asked with a key of one of these teams."""

    def holds(self, facts: Facts) -> bool:
        return facts.asker.team in self.values


class Tagged(OneOf):
    """The caller gave it one of these tags."""

    def holds(self, facts: Facts) -> bool:
        return not self.values.isdisjoint(facts.occasion.tags)


class Spoken(OneOf):
    """The last user turn is in one of these languages."""

    def holds(self, facts: Facts) -> bool:
        return facts.language in self.values


class Holding(OneOf):
    """There is a part of one of these kinds."""

    def holds(self, facts: Facts) -> bool:
        return not self.values.isdisjoint(facts.kinds)


class Between(Condition):
    """A number from `low` to `high`, both included."""

    def __init__(self, name: str, low: int | float = -inf, high: int | float = inf) -> None:
        super().__init__(name)
        self.low = low
        self.high = high

    def includes(self, other: Condition) -> bool:
        if not isinstance(other, Between) or other.name != self.name:
            return False
        return self.low <= other.low and other.high <= self.high


class Length(Between):
    """So many characters of text in the whole request."""

    def holds(self, facts: Facts) -> bool:
        return self.low <= facts.length <= self.high


class Turns(Between):
    """So many turns of the user's."""

    def holds(self, facts: Facts) -> bool:
        return self.low <= facts.turns <= self.high


class Parameter(Between):
    """A number in the body, under the first of `fields` that is there. Where none is, it does not hold."""

    def __init__(self, name: str, fields: tuple[str, ...], low: int | float = -inf, high: int | float = inf) -> None:
        super().__init__(name, low, high)
        self.fields = fields

    def holds(self, facts: Facts) -> bool:
        for field in self.fields:
            value = facts.body.get(field)
            if isinstance(value, bool):
                return False
            if isinstance(value, int | float):
                return self.low <= value <= self.high
        return False


class Tools(Condition):
    """Whether there are tools, or calls and results of some."""

    def __init__(self, wanted: bool) -> None:
        super().__init__("tools")
        self.wanted = wanted

    def holds(self, facts: Facts) -> bool:
        return ("tools" in facts.needs) == self.wanted

    def includes(self, other: Condition) -> bool:
        return isinstance(other, Tools) and other.wanted == self.wanted


class Matches(Condition):
    """An expression occurs in the last user turn, or in the system prompt."""

    def __init__(self, name: str, expression: Expression, in_system: bool = False) -> None:
        super().__init__(name)
        self.expression = expression
        self.in_system = in_system

    def holds(self, facts: Facts) -> bool:
        return self.expression.matches(facts.system_readable if self.in_system else facts.last_readable)

    def includes(self, other: Condition) -> bool:
        return (
            isinstance(other, Matches)
            and other.in_system == self.in_system
            and other.expression.pattern == self.expression.pattern
        )


class During(Condition):
    """At these hours. Where the time is not known, it does not hold."""

    def __init__(self, hours: Hours) -> None:
        super().__init__("hours")
        self.hours = hours

    def holds(self, facts: Facts) -> bool:
        at = facts.occasion.at
        return at is not None and self.hours.hold(at)

    def includes(self, other: Condition) -> bool:
        return isinstance(other, During) and self.hours.include(other.hours)
