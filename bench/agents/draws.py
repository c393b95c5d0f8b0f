"""Draws: what machines draw and nobody needs to hide — ids, digests, cursors — and words for everything around it."""

from __future__ import annotations

import base64
import random
import string
import uuid

_B62 = string.ascii_letters + string.digits
_WORDS = (
    "cache", "queue", "worker", "parser", "router", "billing", "search", "export", "report", "login", "upload", "metric",
    "index", "batch", "cursor", "layout", "widget", "theme", "catalog", "checkout", "inventory", "pricing", "session",
    "retry", "timeout", "schema", "migration", "release", "webhook", "snapshot", "token_bucket", "password_reset",
)  # fmt: skip
_CITIES = (
    "Paris",
    "Berlin",
    "Madrid",
    "Lyon",
    "Hamburg",
    "Sevilla",
    "Oslo",
    "Tokyo",
    "Austin",
    "Milan",
    "Lima",
    "Nantes",
)
_PACKAGES = (
    "react", "lodash", "express", "webpack", "chalk", "typescript", "eslint", "vite", "axios", "zod", "commander",
    "requests", "numpy", "pandas", "pytest", "flask", "django", "pydantic", "httpx", "rich", "click", "attrs",
)  # fmt: skip


class Draw:
    """A source of chance and the strings that are made with it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def of(self, options: tuple[str, ...] | list[str]) -> str:
        return self.chance.choice(options)

    def word(self) -> str:
        return self.of(_WORDS)

    def city(self) -> str:
        return self.of(_CITIES)

    def package(self) -> str:
        return self.of(_PACKAGES)

    def number(self, low: int, high: int) -> int:
        return self.chance.randint(low, high)

    def hex(self, size: int) -> str:
        return "".join(self.chance.choices("0123456789abcdef", k=size))

    def b62(self, size: int) -> str:
        return "".join(self.chance.choices(_B62, k=size))

    def b64(self, octets: int) -> str:
        return base64.b64encode(self.chance.randbytes(octets)).decode()

    def b64url(self, octets: int) -> str:
        return base64.urlsafe_b64encode(self.chance.randbytes(octets)).decode().rstrip("=")

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def ulid(self) -> str:
        return "01" + "".join(self.chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24))

    def version(self) -> str:
        return f"{self.number(0, 9)}.{self.number(0, 20)}.{self.number(0, 12)}"

    def time(self) -> str:
        return (
            f"2026-{self.number(1, 12):02}-{self.number(1, 28):02}T{self.number(0, 23):02}:{self.number(0, 59):02}:"
            f"{self.number(0, 59):02}.{self.number(0, 999):03}Z"
        )

    def path(self) -> str:
        return f"src/{self.word()}/{self.word()}_{self.word()}.{self.of(('py', 'ts', 'go', 'rs', 'java'))}"

    def cursor(self) -> str:
        """Where a page ends, as APIs hand it out: JSON in base64."""
        return base64.b64encode(f'{{"id":{self.number(10, 10**9)},"after":"{self.time()}"}}'.encode()).decode()
