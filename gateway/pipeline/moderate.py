"""Moderation by the gateway's own scanner: would this text stay at home, and for what? Nothing is sent anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway.pipeline.decide import INLINE_BYTES
from gateway.pipeline.parts import Parts
from router.asker import NOBODY, Asker
from router.content import Content
from router.sensitivity.finding import Scan

_NO_CONTENT = Content(())


class Verdict(NamedTuple):
    """`types` has for each type of finding whether the policy keeps it at home, and how sure the detector is (0..1).
    `unreadable`: a part could not be read, or a detector failed.
    """

    types: Mapping[str, tuple[bool, float]]
    unreadable: bool

    @property
    def flagged(self) -> bool:
        """Whether anything keeps the text from travelling freely."""
        return self.unreadable or any(kept for kept, _ in self.types.values())


async def moderate(parts: Parts, contents: Sequence[Content], size: int, asker: Asker = NOBODY) -> list[Verdict]:
    """A verdict on each, by the policies that hold for `asker`. `size` is that of the request in bytes. Raises
    `Overloaded`, as large prompts do."""
    if size <= INLINE_BYTES and not parts.scan_waits:
        return [_verdict(parts, content, asker) for content in contents]
    return await parts.large_prompts.run(lambda: [_verdict(parts, content, asker) for content in contents])


def _verdict(parts: Parts, content: Content, asker: Asker) -> Verdict:
    router = parts.router
    scan = router.scanner.scan(content)
    types: dict[str, tuple[bool, float]] = {}
    for finding in scan.findings:
        clearance = router.judge(_NO_CONTENT, Scan((finding,)), asker=asker).clearance
        kept, confidence = types.get(finding.type, (False, 0.0))
        types[finding.type] = (kept or not clearance.is_any, max(confidence, finding.confidence))
    return Verdict(types, bool(content.opaque or scan.failed))
