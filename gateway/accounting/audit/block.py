"""Block: sealed lines of one worker, as they stand in its journal and in a row of `audit_blocks`.

A line is `RECORD TAB NUMBER BLANK HASH`, see `chain.py`. A record holds no tab and no line feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_HASH: Final = 64  # characters
_DIGITS: Final = 18  # of the largest number: what a BIGINT holds for certain
_NUL: Final = b"\0"  # PostgreSQL's text cannot hold it


class Sealed(NamedTuple):
    """A record as it stands in the journal, with its place in the chain of its worker."""

    number: int  # 0: the line has no place in any chain, `hash` is empty and `record` all of it
    hash: str
    record: str


class Block(NamedTuple):
    """Lines in the order of the journal; of those that the gateway wrote the numbers follow on each other."""

    numbers: Sequence[int]  # one a line
    text: str  # the lines, with a line feed between them

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self.text[-_HASH:]

    def after(self, number: int) -> Block:
        """Without what is numbered up to `number`."""
        if not self.numbers or min(self.numbers) > number:
            return self
        kept = [pair for pair in zip(self.numbers, self.text.split("\n"), strict=True) if pair[0] > number]
        return Block([own for own, _ in kept], "\n".join(line for _, line in kept))


EMPTY: Final = Block((), "")


def block_of(lines: Sequence[bytes]) -> tuple[Block, list[bytes]]:
    """The lines that are sealed, and those that are not."""
    whole = _in_one_go(lines)
    if whole is not None:
        return whole, []
    numbers: list[int] = []
    texts: list[str] = []
    garbled: list[bytes] = []
    for line in lines:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            garbled.append(line)
            continue
        sealed = _sealed(text)
        if not sealed.number or not _is_hash(sealed.hash) or _NUL in line:
            garbled.append(line)
            continue
        numbers.append(sealed.number)
        texts.append(text)
    return Block(numbers, "\n".join(texts)), garbled


def sealed_of(text: str) -> Iterator[Sealed]:
    """The lines of a block, one by one."""
    return map(_sealed, text.split("\n"))


def _in_one_go(lines: Sequence[bytes]) -> Block | None:
    """All of them, if they are what a worker writes without a fault: sealed, and numbered one after the other."""
    if not lines:
        return EMPTY
    seals = [line.partition(b"\t")[2] for line in lines]
    together = b" ".join(seals)
    words = together.split(b" ")
    numbers, hashes = words[::2], words[1::2]
    first = numbers[0]
    if not first.isdigit() or len(first) > _DIGITS or set(map(len, hashes)) != {_HASH} or not together.isascii():
        return None
    following = range(int(first), int(first) + len(lines))
    if not following[0] or numbers != [b"%d" % number for number in following]:
        return None
    text = b"\n".join(lines)
    if _NUL in text:
        return None
    try:
        return Block(following, text.decode())
    except UnicodeDecodeError:
        return None


def _is_hash(text: str) -> bool:
    """As far as it matters to whoever takes lines apart: whether it is the right one is found by `verify.py`."""
    return len(text) == _HASH and text.isascii() and " " not in text


def _sealed(line: str) -> Sealed:
    record, _, seal = line.partition("\t")
    number, _, digest = seal.partition(" ")
    if number.isascii() and number.isdigit() and number[0] != "0" and len(number) <= _DIGITS:
        return Sealed(int(number), digest, record)
    return Sealed(0, "", line)
