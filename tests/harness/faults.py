"""The faults that are tried on a gateway, by what a client may see of them. Names are the upstream's directives."""

from __future__ import annotations

# No answer came, or none that is one: another deployment may be asked, else the client is told with a status.
BEFORE_ANSWER = (
    "reset",
    "close",
    "hang",
    "hang_first",
    "status:500",
    "status:503",
    "html_error",
    "status:401",
    "status:404",
    "redirect",
    "garbage",
    "garbage_json",
    "wrong_json:list",
    "wrong_json:null",
    "wrong_json:empty",
    "wrong_json:choices",
    "page",
    "empty",
    "error_in_200",
    "invalid_utf8",
)
# The same, in streams only.
BEFORE_STREAM = ("error_frame:0", "error_event", "invalid_sse", "only_done", "cut:0:fin", "cut:0:rst", "cut:0:clean")
# The client has seen a part of the stream: it is told inside the stream.
IN_STREAM = (
    "cut:3:fin:gate",
    "cut:3:rst:gate",
    "cut:3:clean:gate",
    "stall:3",
    "error_frame:3:gate",
    "garbage_later:3:gate",
)
# Unstreamed, these break off in the middle of the body.
IN_BODY = ("cut:3:fin", "cut:3:rst", "stall:3")
RATE_LIMITED = ("status:429:7",)
# The request itself is found at fault: nobody else is asked.
REFUSED = ("status:400", "status:422")
OTHERS = (*RATE_LIMITED, *REFUSED, "once:500:only")
ALL_FAULTS = tuple(dict.fromkeys((*BEFORE_ANSWER, *BEFORE_STREAM, *IN_STREAM, *IN_BODY, *OTHERS)))

# Where a client leaves: the behaviour, whether it streams, and what it has read by then.
LEFT_AT = (
    ("hang", False, b""),
    ("hang_first", False, b""),
    ("hang", True, b""),
    ("hang_first", True, b""),
    ("stall:3", True, b"says: "),
    ("slow:0.02", True, b"says: "),
)
