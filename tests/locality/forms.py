"""Forms: the ways in which a client may write a value down, each of which the gateway promises to read."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from urllib.parse import quote


def _base64_of_sentence(value: str) -> str:
    return base64.b64encode(f"ok: {value} thanks".encode()).decode()


def _in_url(value: str) -> str:
    return f"https://shop.example.org/basket?q={quote(value)}&page=2"


FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 of a sentence": _base64_of_sentence,
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(f"at {value}".encode()).decode().rstrip("="),
    "base64 twice": lambda value: base64.b64encode(base64.b64encode(value.encode())).decode(),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "percent": lambda value: quote(value, safe=""),
    "percent throughout": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "entities": lambda value: "".join(f"&#{ord(char)};" for char in value),
    "entities in hex": lambda value: "".join(f"&#x{ord(char):x};" for char in value),
    "escapes": lambda value: "".join(f"\\u{ord(char):04x}" for char in value),
    "full width": lambda value: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in value),
    "zero width": lambda value: "\u200b".join(value),
    "set apart": lambda value: " ".join(value.replace(" ", "")),
    "in JSON": lambda value: f'{{"note": "{value}"}}',
    "in a URL": _in_url,
}
