"""The faults of a model's server, and what is stated of each: what its clients see, and what it may have cost.

Nothing here knows how the gateway does it. `python -m tests.upstream` lists what the directives mean.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

PATIENCE: Final = 1.2  # seconds that the gateway waits for a connection, the first token and the next part
TOTAL: Final = 4.0  # and all in all
RETRY_AFTER: Final = 7  # seconds that a deployment over its rate limit asks for


class Address(Enum):
    """Where the deployment is: at the scripted upstream, at a port that refuses, or at one that never answers a SYN."""

    ANSWERS = "answers"
    REFUSES = "refuses"
    SILENT = "silent"


class Shows(Enum):
    """Whether there is an answer for all that; else whether the fault is found before anything of one is passed on."""

    NEVER = "never"
    BEFORE = "before"
    WITHIN = "within"


class Again(Enum):
    """Whether the same deployment is asked once more, where no other of its class is there: never, only where a call
    that may have been charged costs nothing much, or always."""

    NEVER = "never"
    AT_HOME = "at home"
    ALWAYS = "always"


class Way(NamedTuple):
    """A fault as it meets one request. `status`: what a client hears of it where nobody else could answer.

    `owed`: nobody can say whether it is charged; else it is known to cost nothing. `passes`: a second try is answered.
    """

    directive: str
    shows: Shows
    status: int = 502
    owed: bool = True
    again: Again = Again.NEVER
    passes: bool = False


class Fault(NamedTuple):
    name: str
    whole: Way
    streamed: Way
    address: Address = Address.ANSWERS

    def way(self, *, streamed: bool) -> Way:
        return self.streamed if streamed else self.whole


def _both(name: str, way: Way, address: Address = Address.ANSWERS) -> Fault:
    return Fault(name, way, way, address)


_BEFORE, _WITHIN, _NEVER = Shows.BEFORE, Shows.WITHIN, Shows.NEVER
_AT_HOME, _ALWAYS = Again.AT_HOME, Again.ALWAYS

FAULTS: Final = (
    _both("refused", Way("ok", _BEFORE, owed=False, again=_ALWAYS), Address.REFUSES),
    _both("hang at connect", Way("ok", _BEFORE, owed=False), Address.SILENT),
    _both("reset", Way("reset", _BEFORE, again=_AT_HOME)),
    _both("hang at first token", Way("hang", _BEFORE, 504)),
    _both("hang after the head", Way("hang_first", _BEFORE, 504)),
    Fault("hang in the middle", Way("stall:3", _BEFORE, 504), Way("stall:3", _WITHIN)),
    Fault("cut by FIN", Way("cut:3:fin", _BEFORE, again=_AT_HOME), Way("cut:3:fin:later", _WITHIN)),
    Fault("cut by RST", Way("cut:3:rst", _BEFORE, again=_AT_HOME), Way("cut:3:rst:later", _WITHIN)),
    Fault("ended without an end", Way("empty", _BEFORE), Way("cut:3:clean:later", _WITHIN)),
    _both("no HTTP", Way("garbage", _BEFORE)),
    _both("no JSON", Way("garbage_json", _BEFORE)),
    Fault("no JSON later on", Way("wrong_json:choices", _BEFORE), Way("garbage_later:3:later", _WITHIN)),
    _both("429", Way(f"status:429:{RETRY_AFTER}", _BEFORE, 429, owed=False)),
    _both("500 once", Way("once:500", _BEFORE, owed=False, again=_ALWAYS, passes=True)),
    _both("500 always", Way("status:500", _BEFORE, owed=False, again=_ALWAYS)),
    _both("503 always", Way("status:503", _BEFORE, owed=False, again=_ALWAYS)),
    Fault("slow", Way("slow_json:0.3", _NEVER), Way("slow:0.05", _NEVER)),
    Fault("slower than `total`", Way("slow_first:9", _BEFORE, 504), Way("slow:0.9", _WITHIN)),
    Fault("error in a 200", Way("error_in_200", _BEFORE), Way("error_frame:0", _BEFORE)),
    Fault("error in a 200 later on", Way("error_in_200", _BEFORE), Way("error_frame:3:later", _WITHIN)),
)
