"""What keeps a key from opening, or makes it open too much."""

from __future__ import annotations

import hashlib

import pytest

from tests.gateway.config.harness import BASE, loaded, said

HASH = "sha256:" + "0" * 64
ENVIRON = {"K": "tg-abcdefghijklmnopqrstuvwxyz", "EMPTY": "", "BLANK": " ", "LINE": "tg-abcdefghijklmnop\n"}


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("name: a", ": needs exactly one of key and hash; make one: tidegate keys new --yaml"),
        (f'name: a, key: "${{K}}", hash: "{HASH}"', ": needs exactly one of key and hash"),
        ('name: a, key: "${EMPTY}"', ".key: is empty; set EMPTY"),
        ('name: a, key: "${MISSING:-}"', ".key: is empty; set MISSING"),
        ('name: a, key: ""', '.key: is empty; write "${NAME}", and the key into that variable'),
        ("name: a, key:", '.key: is empty; write "${NAME}"'),
        ('name: a, key: "${BLANK}"', ".key: has characters that no header can carry; use letters and digits"),
        ('name: a, key: "${K} ${K}"', ".key: has characters that no header can carry"),
        ('name: a, key: "clé-clé-clé-clé-clé"', ".key: has characters that no header can carry"),
        ("name: a, hash: abc", ".hash: is no hash; it is sha256: and 64 hex digits"),
        ('key: "${K}"', ".name: is missing; whose it is"),
        ('name: a b, key: "${K}"', ".name: 'a b' is no name; letters, digits and . _ @ + -, at most 64"),
        (
            'name: generated, key: "${K}"',
            ".name: 'generated' is the name of the key that `serve` makes; choose another",
        ),
        ('name: a, team: "b/c", key: "${K}"', ".team: 'b/c' is no name"),
        ('name: a, key: "${K}", locality: home+', ".locality: 'home+' is no clearance"),
        ('name: a, key: "${K}", routes: [autp]', ".routes[0]: there is no route 'autp'; did you mean 'auto'?"),
        ('name: a, key: "${K}", role: boss', ".role: must be 'caller', 'viewer', 'auditor' or 'admin', not 'boss'"),
        ('name: a, key: "${K}", tags: [x, "a,b"]', ".tags[1]: 'a,b' is no tag; a tag has no comma"),
    ],
)
def test_bad_ones(key: str, problem: str) -> None:
    (found,) = said(f"{BASE}keys:\n  - {{{key}}}\n", ENVIRON)
    assert found.startswith(f":7: keys[0]{problem}")


def test_names_and_keys_are_told_apart() -> None:
    digest = hashlib.sha256(ENVIRON["K"].encode()).hexdigest()
    found = said(f'{BASE}keys:\n  - {{name: a, key: "${{K}}"}}\n  - {{name: a, hash: "{HASH}"}}\n', ENVIRON)
    assert found == [":8: keys[1].name: 'a' is the name of two keys; rename one"]
    found = said(f'{BASE}keys:\n  - {{name: a, key: "${{K}}"}}\n  - {{name: b, hash: "sha256:{digest}"}}\n', ENVIRON)
    assert found == [":8: keys[1]: this is the same key as that of 'a'; make another: tidegate keys new --yaml"]


def test_good_ones_give_no_warning() -> None:
    text = f"""{BASE}keys:
  - {{name: a, key: "${{K}}", team: t, routes: [auto], locality: masked}}
  - {{name: b@example.com, hash: "{HASH}", routes: []}}
  - {{name: c, key: "${{LINE}}"}}
"""
    found = loaded(text, ENVIRON)
    assert found.warnings == ()
    assert [key.routes for key in found.settings.keys] == [("auto",), (), None]


def test_a_key_in_the_clear_and_a_short_one_are_pointed_out() -> None:
    found = loaded(f'{BASE}keys:\n  - {{name: a, key: abc}}\n  - {{name: b, key: "${{B}}"}}\n', {"B": "short"})
    assert [(warning.line, warning.path, warning.message) for warning in found.warnings] == [
        (7, "keys[0].key", "the key stands here in the clear"),
        (7, "keys[0].key", "the key is shorter than 16 characters"),
        (8, "keys[1].key", "the key is shorter than 16 characters"),
    ]


def test_a_name_from_the_environment_is_not_repeated() -> None:
    environ = {**ENVIRON, "N": "from-the-environment"}
    (found,) = said(f'{BASE}keys:\n  - {{name: "${{N}}", key: "${{K}}"}}\n  - {{name: b, key: "${{K}}"}}\n', environ)
    assert "same key as that of the value of ${N};" in found
    (found,) = said(
        f'{BASE}keys:\n  - {{name: "${{N}}", key: "${{K}}"}}\n  - {{name: "${{N}}", hash: "{HASH}"}}\n', environ
    )
    assert "the value of ${N} is the name of two keys" in found
