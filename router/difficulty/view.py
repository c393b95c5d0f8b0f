"""The view: which part of a content the difficulty model reads.

The last user turn says what is asked, so it is read in full weight; earlier user turns count less. The system prompt
is the same for every request of a route and would drown the question: only its length is kept. Of a long turn the head
and the tail are read, for instructions stand at the ends and pasted material in the middle.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from router.content import Content, Origin, Segment

HEAD_CHARS: Final = 3000
TAIL_CHARS: Final = 2000
TASK_CHARS = HEAD_CHARS + 1 + TAIL_CHARS  # the most that is read of the last turn
EARLIER_CHARS: Final = 1000  # of all user turns before the last, the latest characters


_new: Final = tuple.__new__  # a NamedTuple's own constructor costs twice as much
# An enum's own look-up is slow.
_USER: Final = Origin.USER
_SYSTEM: Final = Origin.SYSTEM
_TOOLS: Final = Origin.TOOL_DEFINITION


class View(NamedTuple):
    """`task` is the last user turn (clipped), `earlier` the user turns before; lengths are in characters, unclipped."""

    task: str
    earlier: str = ""
    task_length: int = 0
    system_length: int = 0
    tool_length: int = 0
    turns: int = 1


def clip(text: str) -> str:
    """Head and tail of a text longer than both together; a line break stands where the middle was."""
    if len(text) <= HEAD_CHARS + TAIL_CHARS:
        return text
    return f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"


def view_of_text(text: str) -> View:
    """A prompt that is one user turn."""
    return View(clip(text), task_length=len(text))


def view_of_content(content: Content) -> View:
    """The user's turns in order; a turn is the segments that share a message (`messages[3]`)."""
    mine: list[Segment] = []
    system = tool = 0
    for segment in content.segments:
        origin = segment.origin
        if origin is _USER:
            mine.append(segment)
        elif origin is _SYSTEM:
            system += len(segment.text)
        elif origin is _TOOLS:
            tool += len(segment.text)
    if len(mine) == 1:
        text = mine[0].text
        return _new(View, (clip(text), "", len(text), system, tool, 1))
    if not mine:
        return View("", system_length=system, tool_length=tool, turns=0)
    turns: dict[str, list[str]] = {}
    for segment in mine:
        turns.setdefault(_turn(segment.path), []).append(segment.text)
    texts = ["\n".join(parts) for parts in turns.values()]
    task = texts.pop()
    earlier = "\n".join(texts)[-EARLIER_CHARS:] if texts else ""
    return View(clip(task), earlier, len(task), system, tool, len(texts) + 1)


def _turn(path: str) -> str:
    """`messages[3].content[0].text` and `messages[3].content[1].text` are parts of one turn, `messages[3]`."""
    head, bracket, _ = path.partition("]")
    return head + bracket
