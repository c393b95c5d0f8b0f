"""A picture that is pasted into a sentence leaves the house with it, if these fail."""

from __future__ import annotations

import base64
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.blobs import BLOB_FROM, holds_blob, is_blob
from router.content import content_of, content_of_text

DATA = b"\x89PNG\r\n\x1a\n" + Random(1).randbytes(3000)
WRITTEN = {
    "base64": base64.b64encode(DATA).decode(),
    "for URLs": base64.urlsafe_b64encode(DATA).decode(),
    "hex": DATA.hex(),
    "HEX": DATA.hex().upper(),
}
PROSE = "We walked on along the river, and the dog came with us. " * 20


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("before", ["", "See: ", PROSE, PROSE[:-201], "x=", '{"scan":"'])
@pytest.mark.parametrize("after", ["", " please", '"}', "\n"])
def test_data_in_a_text_cannot_be_read(written: str, before: str, after: str) -> None:
    assert holds_blob(before + WRITTEN[written] + after)
    body = {"messages": [{"role": "user", "content": before + WRITTEN[written] + after}]}
    assert [part.kind for part in content_of(body).opaque] == ["blob"]


@pytest.mark.parametrize("size", [BLOB_FROM, BLOB_FROM + 1, BLOB_FROM + 255])
@pytest.mark.parametrize("offset", range(0, 300, 37))
def test_it_is_seen_wherever_it_begins(size: int, offset: int) -> None:
    assert holds_blob(f"{'a ' * 200}{' ' * offset}{WRITTEN['base64'][:size]} and more")


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "你好世界" * 500,
        "9" * 2000,
        "-" * 2000,
        "ACGT" * 500,
        "a" * 2000,
        "Apple\nBanana\nCherry\n" * 200,
        "someName.otherName(thirdName)." * 100,
        f"Read this: {base64.b64encode(PROSE.encode()).decode()}",
        f"Read this: {PROSE.encode().hex()}",
        f"Short: {WRITTEN['base64'][:300]} it was",
    ],
)
def test_what_is_text_is_none(text: str) -> None:
    assert not holds_blob(text)
    assert content_of_text(text).opaque == ()


def test_a_text_that_is_nothing_else() -> None:
    assert is_blob(WRITTEN["base64"])
    assert not is_blob(PROSE)


@given(st.text(min_size=BLOB_FROM, max_size=3000))
def test_it_never_raises(text: str) -> None:
    holds_blob(text)


@pytest.mark.parametrize("piece", ["a", "Ab1", "9", "a" * 600 + " ", "你"])
def test_it_is_linear(piece: str) -> None:
    """Four times the text takes about four times as long; a quadratic search would take sixteen."""

    def cost(size: int) -> float:
        text = (piece * size)[:size]
        times = []
        for _ in range(3):
            start = time.thread_time()
            holds_blob(text)
            times.append(time.thread_time() - start)
        return min(times)

    assert cost(2_000_000) < 10 * max(cost(500_000), 0.0005)
