"""Snippets: the programs in docs/clients.md, as they stand there, but for the address and the key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tests.clients.catalogue import ROOT, Client

PAGE: Final = ROOT / "docs/clients.md"
ADDRESS: Final = "http://127.0.0.1:8080"
KEY: Final = "tg-…"
LANGUAGES: Final = ("python", "js", "sh")


@dataclass(frozen=True, slots=True)
class Snippet:
    section: str  # the name of the client whose it is
    language: str
    line: int
    text: str

    def program(self, root: str, key: str) -> str:
        return self.text.replace(ADDRESS, root).replace(KEY, key)


def snippets() -> list[Snippet]:
    """Every program of the page. The mark `<!-- client: NAME -->`, which may name several, says whose a section is."""
    found = []
    sections: list[str] = []
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start, language = 0, ""
    for number, line in enumerate(lines, 1):
        mark = re.fullmatch(r"<!-- clients?: (.+) -->", line)
        if line.startswith("## "):
            sections = []
        elif mark:
            sections = mark[1].split()
        elif line.startswith("```") and not language:
            start, language = number, line.removeprefix("```") or "text"
        elif line == "```":
            if language in LANGUAGES:
                text = "\n".join(lines[start : number - 1])
                found += [Snippet(section, language, start, text) for section in sections or [""]]
            language = ""
    return found


def snippets_of(client: Client) -> list[Snippet]:
    return [snippet for snippet in snippets() if snippet.section == client.name]
