"""Private keys are found whole. All of these are made up here, at run time."""

from __future__ import annotations

from router.sensitivity.detectors.private_keys import PRIVATE_KEYS
from router.sensitivity.view import view_of

RANDOM = "q7Zt4LmX9vB2kR8sW3nY6pD1cF5hJ0gA" * 4


def test_private_key_is_found_whole_even_without_its_end() -> None:
    begin, body = "-----BEGIN " + "EC PRIVATE KEY-----", "\n" + RANDOM[:64] + "\n" + RANDOM[5:60] + "\n"
    text = f"see {begin}{body}"
    (span,) = PRIVATE_KEYS.find(view_of(text), [0])
    assert text[span.start : span.end].endswith(RANDOM[5:60])


def test_private_key_in_a_log() -> None:
    begin = "#7 0.12 -----BEGIN " + "PRIVATE KEY-----\n"
    text = begin + f"#7 0.12 {RANDOM[:64]}\n#7 0.12 {RANDOM[9:73]}\n"
    (span,) = PRIVATE_KEYS.find(view_of(text), [0])
    assert text[span.start : span.end].endswith(RANDOM[9:73])


def test_words_about_private_keys_are_none() -> None:
    assert list(PRIVATE_KEYS.find(view_of("it begins with -----BEGIN " + "PRIVATE KEY----- and so on"), [0])) == []
