"""Identifiers: what machines draw and write down openly — ids of calls, objects and requests, digests, cursors, ETags.

They look as random as keys, and no form tells them apart; what stands before them does, and the word they begin with.
"""

from __future__ import annotations

import base64
import binascii
import re

from router.sensitivity.patterns import Pattern

LOOK_BACK = 64  # characters before a value in which its name may stand

# Of typed ids, as services write them: `call_…`, `chatcmpl-…`, `evt_…`. None of these begins a key.
_TYPED = re.compile(
    r"(?:call|toolu|tooluse|srvtoolu|fc|fco|rs|ws|cu|ci|mcp|resp|msg|message|chatcmpl|cmpl|gen|genresp|run|step|thread|"
    r"asst|file|batch|vs|vsf|ftjob|embd|modr|img|conv|req|request|evt|event|item|obj|object|node|task|job|trace|span|"
    r"sess|"
    r"session|usr|user|org|proj|project|team|acct|account|cus|sub|si|pi|pm|ch|txn|in|ii|prod|price|plan|cs|seti|src|tx|"
    r"inv|order|doc|chunk|page|rec|record|row|tbl|app|wsp|workspace|grp|group|build|deploy|dpl|prj|pod|snap|img|vol|"
    r"nonce|fp|sha\d{3}|sha1|md5|h1|etag|ref|tag|rev|commit|blob|tree|id|uid|guid|uuid|key_id|cursor|container|"
    r"msgbatch|"
    r"reasoning|rsn|completion|response|toolcall|tool|function|func)[-_:][A-Za-z0-9]|"
    r"[a-z]{2,12}_01[A-Za-z0-9]{20,24}\Z"  # a time and chance, as Anthropic has them
)
_ID_WORD = (
    r"id|ids|uid|uuid|guid|urn|arn|etag|hash|hashes|digest|sha-?\d{0,3}|md5|h1|checksum|integrity|fingerprint|"
    r"thumbprint|"
    r"cursor|cursors|next|prev|previous|after|before|starting_after|ending_before|continuation|offset|"
    r"trace|traceparent|span|request|correlation|ray|version|revision|rev|commit|tag|ref|refs|node|parent|name|path|"
    r"file|"
    r"filename|image|src|href|url|uri|slug|build|chunk|row_key|partition|shard|sourcemappingurl|resourceversion|"
    r"(?:next|prev|previous|page|sync|continuation|pagination|resume|csrf|xsrf|authenticity|request|verification|"
    r"cancellation|delta|change|position|start|skip)[_ -]?tokens?"
)
# The name right before a value, whatever words stand in it: `"correlationId": "`, `x-amz-id-2: `, `request_id=`.
_NAME = rf"(?:{_ID_WORD})(?:[-_]?\d)?(?:\\?[\"'`\])])*\s*(?:[:=]+|=>|#|-)\s*"
_NONCE = r"<(?:script|style|link)[^<>]{0,40}\bnonce=|[\"' ]nonce-"
_NAMED = Pattern(rf"(?:{_NAME}|\bid\s+|{_NONCE})(?:\\?[\"'`]|w/|\\|\(|\[|[+/_-]){{0,4}}\z", 1 << 20)
_HIDING = re.compile(r"secret|passw|credential|private|api[_ -]?key|access[_ -]?(?:key|id|token)|auth")
_FORM = re.compile(r"(?:authenticity|csrf|xsrf|verification|csrfmiddleware)[-_ ]?token|integrity|nonce")
_CURSOR = 12  # characters of text, at least, for a value to be text in disguise


def is_identifier(token: str, before: str) -> bool:
    """Whether a random-looking token is written openly. `before`: what stands before it, in lower case."""
    if _TYPED.match(token) is not None or _is_text(token):
        return True
    return names_an_identifier(before)


def names_an_identifier(before: str) -> bool:
    """Whether `before`, in lower case, ends with the name of an id, a digest, a cursor."""
    before = before[-LOOK_BACK:]
    named = _NAMED.search(before.encode("ascii", "replace"), 0, len(before))
    if named is None:
        return False
    # `secret_id: …` and `auth_request: …` are no plain ids.
    return _HIDING.search(before, max(0, named[0] - 16)) is None or _FORM.search(before) is not None


def _is_text(token: str) -> bool:
    """Base64 of plain text, as cursors are: whatever it says is read for itself."""
    if not token.startswith(("ey", "eJ", "Z2", "Y3", "aW", "cG", "bW", "dX", "MD", "MT", "Mj", "Mz", "W3")):
        return False
    body = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(body + "=" * (-len(body) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return len(text) >= _CURSOR and text.isprintable()
