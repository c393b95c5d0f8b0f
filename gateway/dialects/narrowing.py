"""What a caller says of a request so that it travels less far: in a header, or in the body's metadata. All dialects."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialects.openai_fields import text_of
from gateway.wire.errors import BadRequest

LOCALITY, LABEL = "tidegate_locality", "tidegate_label"


def localities_of(headers: Mapping[bytes, bytes], body: Mapping[str, object]) -> tuple[str, ...]:
    """How far it may travel: the header `x-tidegate-locality`, and `metadata.tidegate_locality` of the body."""
    return _said(headers.get(b"x-tidegate-locality"), body, LOCALITY)


def labels_of(headers: Mapping[bytes, bytes], body: Mapping[str, object]) -> tuple[str, ...]:
    """What kind of content it is: the header `x-tidegate-label`, and `metadata.tidegate_label` of the body."""
    return _said(headers.get(b"x-tidegate-label"), body, LABEL)


def _said(header: bytes | None, body: Mapping[str, object], name: str) -> tuple[str, ...]:
    """Lists, divided by commas, as they came. Raises `BadRequest` where the metadata holds something else."""
    metadata = body.get("metadata")
    if header is None and metadata is None:
        return ()
    said = metadata.get(name) if isinstance(metadata, dict) else None
    if said is not None and not isinstance(said, str):
        where = f"metadata.{name}"
        raise BadRequest(f"`{where}` must be a string.", param=where, code="invalid_type")
    given = text_of(header)
    if said is None:
        return () if given is None else (given,)
    return (said,) if given is None else (given, said)
