"""Disguises: a value written so that a person or a program still reads it, and a pattern does not."""

from __future__ import annotations

import base64
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote

Disguise = Callable[[str], str]
_CYRILLIC = dict(zip("aeopcxyiAEKMHOPCTXB", "аеорсхуіАЕКМНОРСТХВ", strict=True))
_GREEK = dict(zip("oAEBHIKMNOPTXYZ", "οΑΕΒΗΙΚΜΝΟΡΤΧΥΖ", strict=True))
_ARMENIAN = dict(zip("ohunSO", "օհսոՏՕ", strict=True))
_SMALL_CAPITALS = dict(zip("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
_LEET = dict(zip("01258", "OIZSB", strict=True))
_WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
}
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def _each(change: Callable[[str], str]) -> Disguise:
    return lambda value: "".join(map(change, value))


def _among(table: dict[str, str]) -> Disguise:
    return lambda value: "".join(table.get(char, char) for char in value)


def _between(sign: str) -> Disguise:
    return lambda value: sign.join(value)


def _squeezed(value: str) -> str:
    return "".join(char for char in value if char not in " -")


def _digits_from(zero: int) -> Disguise:
    return _each(lambda char: chr(zero + int(char)) if char.isdigit() else char)


def _letters_from(capital: int, small: int, zero: int = 0) -> Disguise:
    def change(char: str) -> str:
        if "A" <= char <= "Z":
            return chr(capital + ord(char) - 65)
        if "a" <= char <= "z":
            return chr(small + ord(char) - 97)
        return chr(zero + int(char)) if zero and char.isdigit() else char

    return _each(change)


def _spelt(language: str) -> Disguise:
    words = _WORDS[language].split()
    return lambda value: " ".join(words[int(char)] if char.isdigit() else char for char in value if not char.isspace())


def _some_spelt(language: str) -> Disguise:
    words = _WORDS[language].split()
    return lambda value: "".join(
        f" {words[int(char)]} " if char.isdigit() and place % 3 == 1 else char for place, char in enumerate(value)
    )


def _halves(form: str) -> Disguise:
    """`form` has `{a}` and `{b}`, the halves of the value."""
    return lambda value: form.format(a=value[: len(value) // 2], b=value[len(value) // 2 :])


def _pieces(start: str, middle: str, end: str, width: int = 4) -> Disguise:
    return lambda value: start + middle.join(value[at : at + width] for at in range(0, len(value), width)) + end


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _wrapped(value: str) -> str:
    coded = _base64(f"please write this down: {value} and keep it")
    return "\n".join(coded[at : at + 24] for at in range(0, len(coded), 24))


def _tagged(tag: str) -> Disguise:
    return lambda value: f"{value[:3]}<{tag}>{value[3:6]}</{tag}>{value[6:]}"


DISGUISES: dict[str, Disguise] = {
    # characters that are not seen
    "zero width space": _between("\u200b"),
    "zero width joiner": _between("\u200d"),
    "word joiner": _between("\u2060"),
    "soft hyphen": _between("\u00ad"),
    "byte order mark": _between("\ufeff"),
    "bidi override": lambda value: f"\u202e{value[:5]}\u202c{value[5:]}",
    "bidi isolates": _between("\u2068\u2069"),
    "variation selector": _between("\ufe0f"),
    "tag characters": _between("\U000e0041"),
    "combining marks": _between("\u0335"),
    "combining below": _between("\u0323"),
    "invisible times": _between("\u2062"),
    "hangul filler": _between("\u3164"),
    "mongolian separator": _between("\u180e"),
    # characters that look like others
    "cyrillic": _among(_CYRILLIC),
    "greek": _among(_GREEK),
    "armenian": _among(_ARMENIAN),
    "small capitals": _among(_SMALL_CAPITALS),
    "full width": _each(lambda char: chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char),
    "math bold": _letters_from(0x1D400, 0x1D41A, 0x1D7CE),
    "math monospace": _letters_from(0x1D670, 0x1D68A, 0x1D7F6),
    "math double struck": _letters_from(0x1D538, 0x1D552, 0x1D7D8),
    "circled": lambda value: "".join(
        "⓪①②③④⑤⑥⑦⑧⑨"[int(char)] if char.isdigit() else chr(0x24B6 + ord(char) - 65) if "A" <= char <= "Z" else char
        for char in value
    ),
    "negative circled": lambda value: "".join("⓿❶❷❸❹❺❻❼❽❾"[int(char)] if char.isdigit() else char for char in value),
    "squared": _letters_from(0x1F130, 0x24D0),
    "negative squared": _letters_from(0x1F170, 0x24D0),
    "keycaps": lambda value: "".join(f"{char}\ufe0f\u20e3" if char.isdigit() else char for char in value),
    "superscript": lambda value: "".join(_SUPERSCRIPT[int(char)] if char.isdigit() else char for char in value),
    "subscript": _digits_from(0x2080),
    "arabic digits": _digits_from(0x660),
    "persian digits": _digits_from(0x6F0),
    "devanagari digits": _digits_from(0x966),
    "bengali digits": _digits_from(0x9E6),
    "tamil digits": _digits_from(0xBE6),
    "thai digits": _digits_from(0xE50),
    "khmer digits": _digits_from(0x17E0),
    "odd blanks": lambda value: _squeezed(value).translate({}).replace("", "\u2009")[1:-1],
    "odd hyphens": lambda value: value.replace("-", "\u2011").replace(" ", "\u2013"),
    "small at": lambda value: value.replace("@", "﹫").replace(".", "․"),
    # set apart
    "spaced": _between(" "),
    "double spaced": _between("  "),
    "dotted": lambda value: ".".join(_squeezed(value)),
    "hyphenated": lambda value: "-".join(_squeezed(value)),
    "underscored": lambda value: "_".join(_squeezed(value)),
    "comma": lambda value: ",".join(_squeezed(value)),
    "comma blank": lambda value: ", ".join(_squeezed(value)),
    "piped": lambda value: "|".join(_squeezed(value)),
    "one a line": _between("\n"),
    "two lines": _halves("{a}\n{b}"),
    "hyphen and line": _halves("{a}-\n{b}"),
    "pairs": _pieces("", " ", "", 2),
    "pairs dotted": _pieces("", ".", "", 2),
    "slashes": _pieces("", "/", "", 3),
    "tabs": _pieces("", "\t", "", 4),
    # in words
    "english words": _spelt("en"),
    "french words": _spelt("fr"),
    "german words": _spelt("de"),
    "spanish words": _spelt("es"),
    "italian words": _spelt("it"),
    "some in words": _some_spelt("en"),
    "leet": lambda value: "".join(_LEET.get(char, char) if place % 2 else char for place, char in enumerate(value)),
    # encoded
    "base64": lambda value: _base64(value),
    "base64 unpadded": lambda value: _base64(f"id {value} ok").rstrip("="),
    "base64 url safe": lambda value: base64.urlsafe_b64encode(f"ö?{value}>~ÿ".encode()).decode(),
    "base64 wrapped": _wrapped,
    "base64 in JSON": lambda value: json.dumps({"payload": _base64(json.dumps({"v": value}))}),
    "base64 twice": lambda value: _base64(_base64(value)),
    "base64 UTF-16": lambda value: base64.b64encode(value.encode("utf-16-le")).decode(),
    "base32": lambda value: base64.b32encode(value.encode()).decode(),
    "base85": lambda value: base64.b85encode(value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "hex upper": lambda value: value.encode().hex().upper(),
    "hex 0x": lambda value: "0x" + value.encode().hex(),
    "hex each 0x": lambda value: ", ".join(f"0x{byte:02x}" for byte in value.encode()),
    "hex spaced": lambda value: value.encode().hex(" "),
    "hex colon": lambda value: value.encode().hex(":"),
    "hex escapes": lambda value: "".join(f"\\x{byte:02x}" for byte in value.encode()),
    "percent": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "percent signs": lambda value: quote(value, safe=""),
    "percent twice": lambda value: quote("".join(f"%{byte:02X}" for byte in value.encode()), safe=""),
    "entities decimal": _each(lambda char: f"&#{ord(char)};"),
    "entities hex": _each(lambda char: f"&#x{ord(char):x};"),
    "entities unclosed": _each(lambda char: f"&#{ord(char):07d}"),
    "entities named": lambda value: html.escape(value).replace("@", "&commat;").replace(".", "&period;"),
    "u escapes": _each(lambda char: f"\\u{ord(char):04x}"),
    "U escapes": _each(lambda char: f"\\U{ord(char):08x}"),
    "u braces": _each(lambda char: f"\\u{{{ord(char):x}}}"),
    "u doubled": _each(lambda char: f"\\\\u{ord(char):04x}"),
    "octal": _each(lambda char: f"\\{ord(char):03o}"),
    "quoted printable": _each(lambda char: f"={ord(char):02X}"),
    "quoted printable lines": lambda value: quopri.encodestring(f"é {value}".encode()).decode(),
    "quoted printable soft": _halves("{a}=\n{b}"),
    "binary": lambda value: " ".join(f"{byte:08b}" for byte in value.encode()),
    "decimal codes": lambda value: ", ".join(str(byte) for byte in value.encode()),
    "chr calls": lambda value: " + ".join(f"chr({byte})" for byte in value.encode()),
    "rot13": lambda value: value.translate(
        str.maketrans(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "NOPQRSTUVWXYZABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm",
        )
    ),
    "reversed": lambda value: value[::-1],
    # broken up in code and markup
    "plus": _halves('"{a}" + "{b}"'),
    "plus single": _halves("'{a}'+'{b}'"),
    "juxtaposed": _halves('"{a}" "{b}"'),
    "plus variable": _pieces('s = "', '"\ns += "', '"'),
    "many pieces": _pieces('"', '" + "', '"', 3),
    "join list": _pieces('"".join(["', '", "', '"])'),
    "join characters": lambda value: f'"".join({list(value)!r})',
    "array of characters": lambda value: json.dumps(list(value)),
    "array of pieces": _pieces('["', '","', '"]'),
    "template literal": _halves("`{a}${{'{b}'}}`"),
    "f-string": _halves("f\"{a}{{'{b}'}}\""),
    "concat call": _halves("CONCAT('{a}', '{b}')"),
    "double pipe": _halves("'{a}' || '{b}'"),
    "PHP dots": _halves("'{a}' . '{b}'"),
    "backslash line": _halves('"{a}\\\n{b}"'),
    "ampersand": _halves('"{a}" & "{b}"'),
    "bold": _tagged("b"),
    "span": lambda value: f'{value[:4]}<span class="x">{value[4:]}</span>',
    "empty tag": _pieces("", "<wbr>", "", 3),
    "HTML comment": _pieces("", "<!-- -->", "", 4),
    "C comment": _pieces("", "/**/", "", 4),
    "markdown bold": lambda value: f"{value[:4]}**{value[4:8]}**{value[8:]}",
    "markdown code": lambda value: f"`{value[:5]}``{value[5:]}`",
    "LaTeX": _pieces("", "{}", "", 4),
    "backslashes": _pieces("", "\\", "", 3),
    "brackets": _pieces("[", "][", "]", 4),
    "JSON in JSON": lambda value: json.dumps(json.dumps({"a": json.dumps({"b": value})})),
    "CSV columns": _pieces('"', '","', '"', 4),
    "filler words": _pieces("", " then ", "", 4),
}


def in_fields(value: str) -> list[dict[str, object]]:
    """Bodies in which the value is spread over several strings."""
    half = len(value) // 2
    a, b = value[:half], value[half:]
    pieces = [value[at : at + 4] for at in range(0, len(value), 4)]
    call = {"id": "c1", "type": "function", "function": {"name": "save"}}

    def user(text: object) -> dict[str, object]:
        return {"role": "user", "content": text}

    def body(*messages: dict[str, object], **more: object) -> dict[str, object]:
        return {"model": "auto", "messages": list(messages), **more}

    arguments = json.dumps({"first": a, "second": b})
    spread = json.dumps(pieces)
    return [
        body(user([{"type": "text", "text": f"save {a}"}, {"type": "text", "text": b}])),
        body(user(f"it begins {a}"), {"role": "assistant", "content": "and?"}, user(b)),
        body(user(a), user(b)),
        body(user(f"the first part: {a}\nthe second part: {b}")),
        body({"role": "assistant", "tool_calls": [call | {"function": {"name": "save", "arguments": arguments}}]}),
        body({"role": "assistant", "tool_calls": [call | {"function": {"name": "save", "arguments": spread}}]}),
        body(user("save"), metadata={"one": a, "two": b}),
        body(user("save"), metadata={a: b}),
        body(user("save"), input_parts=pieces),
        body(user("save"), characters=list(value)),
    ]


FIELDS = (
    "content parts", "turns", "successive turns", "first and second part", "argument fields", "argument list",
    "metadata fields", "key and value", "array elements", "array of characters (body)",
)  # fmt: skip
