"""CacheDirectives: what a request's `cache-control` header asks of the cache (RFC 9111, section 5.2.1)."""

from __future__ import annotations

from dataclasses import dataclass

_MAX_AGE_LIMIT = 2**31  # seconds; RFC 9111, section 1.2.2: a larger number is read as this one


@dataclass(frozen=True, slots=True)
class CacheDirectives:
    """`no_cache`: do not answer from the cache; `no_store`: do not keep the answer; `max_age`: seconds, or no limit."""

    no_cache: bool = False
    no_store: bool = False
    max_age: int | None = None

    def accepts(self, age: float) -> bool:
        """Whether a stored answer of that age, in seconds, will do. `max-age=0` wants a new answer, always."""
        if self.no_cache:
            return False
        return self.max_age is None or (age <= self.max_age and self.max_age > 0)


NO_DIRECTIVES = CacheDirectives()


def directives(header: str | None) -> CacheDirectives:
    """Read the header; what is unknown is ignored, what cannot be read is taken in its strictest sense."""
    if not header:
        return NO_DIRECTIVES
    no_cache = no_store = False
    max_age: int | None = None
    for part in header.split(","):
        name, _, argument = part.partition("=")
        match name.strip().lower():
            case "no-cache":
                no_cache = True
            case "no-store":
                no_store = True
            case "max-age":
                seconds = _seconds(argument)
                max_age = seconds if max_age is None else min(max_age, seconds)
    return CacheDirectives(no_cache, no_store, max_age)


def _seconds(argument: str) -> int:
    digits = argument.strip().strip('"')
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits[:11]), _MAX_AGE_LIMIT)
