"""What a caller tags a request with, for routing rules to ask for: in a header, or in the body's metadata.

Tags are no labels of a policy: they keep nothing at home, and one that no rule asks for means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialects.openai_fields import text_of

_NONE: tuple[str, ...] = ()


def tags_of(headers: Mapping[bytes, bytes], body: Mapping[str, object]) -> tuple[str, ...]:
    """The header `x-tidegate-tags`, and `metadata.tags` of the body: a text, or a list of texts. As they came, divided
    by commas. Metadata is the client's own, so whatever else stands there is left alone."""
    header, metadata = headers.get(b"x-tidegate-tags"), body.get("metadata")
    if header is None and metadata is None:
        return _NONE
    given = text_of(header)
    tags = _NONE if given is None else (given,)
    said = metadata.get("tags") if isinstance(metadata, dict) else None
    if isinstance(said, str):
        return (*tags, said)
    if isinstance(said, list):
        return (*tags, *(tag for tag in said if isinstance(tag, str)))
    return tags
