"""CacheDirectives: what a request's `cache-control` header asks of the cache (RFC 9111, section 5.2.1; RFC 5861)."""

from __future__ import annotations

from dataclasses import dataclass

_LIMIT = 2**31  # seconds; RFC 9111, section 1.2.2: a larger number is read as this one


@dataclass(frozen=True, slots=True)
class CacheDirectives:
    """`no_cache`: do not answer from the cache; `no_store`: do not keep the answer; `only_if_cached`: answer from it or
    not at all. All others are seconds, or None: `max_age` is no limit then, `max_stale` accepts nothing stale, and of
    `stale_if_error` the configuration decides.
    """

    no_cache: bool = False
    no_store: bool = False
    max_age: int | None = None
    max_stale: int | None = None
    min_fresh: int = 0
    stale_if_error: int | None = None
    only_if_cached: bool = False

    @property
    def shares(self) -> bool:
        """Whether it may have an answer that is on its way to another, and another may have its own."""
        return not (self.no_cache or self.no_store or self.only_if_cached or self.max_age == 0)

    def accepts(self, age: float, ttl: float) -> bool:
        """Whether a stored answer of that age will do, where they are good for `ttl`; both in seconds. `max-age=0`
        wants a new answer, always.
        """
        if self.no_cache:
            return False
        if self.max_age is not None and (age > self.max_age or self.max_age == 0):
            return False
        return age + self.min_fresh < ttl + (self.max_stale or 0)

    def accepts_instead(self, age: float, ttl: float) -> bool:
        """Whether it will do instead of an error, as long as it is kept."""
        if self.no_cache:
            return False
        if self.stale_if_error is not None:
            good = ttl if self.max_age is None else min(ttl, self.max_age)
            return age <= good + self.stale_if_error
        return self.max_age is None and not self.min_fresh


NO_DIRECTIVES = CacheDirectives()


def directives(header: str | None) -> CacheDirectives:
    """Read the header; what is unknown is ignored, what cannot be read is taken in its strictest sense."""
    if not header:
        return NO_DIRECTIVES
    flags = {"no_cache": False, "no_store": False, "only_if_cached": False}
    max_age: int | None = None
    max_stale: int | None = None
    stale_if_error: int | None = None
    min_fresh = 0
    for part in header.split(","):
        name, _, argument = part.partition("=")
        match name.strip().lower():
            case "no-cache":
                flags["no_cache"] = True
            case "no-store":
                flags["no_store"] = True
            case "only-if-cached":
                flags["only_if_cached"] = True
            case "max-age":
                max_age = _least(max_age, _seconds(argument))
            case "max-stale":  # without a number: however stale
                max_stale = _least(max_stale, _seconds(argument) if argument.strip() else _LIMIT)
            case "stale-if-error":
                stale_if_error = _least(stale_if_error, _seconds(argument))
            case "min-fresh":
                min_fresh = max(min_fresh, _seconds(argument, instead=_LIMIT))
    return CacheDirectives(
        **flags, max_age=max_age, max_stale=max_stale, min_fresh=min_fresh, stale_if_error=stale_if_error
    )


def _least(before: int | None, seconds: int) -> int:
    return seconds if before is None else min(before, seconds)


def _seconds(argument: str, instead: int = 0) -> int:
    digits = argument.strip().strip('"')
    if not (digits.isascii() and digits.isdigit()):
        return instead
    return min(int(digits[:11]), _LIMIT)
