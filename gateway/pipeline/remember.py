"""Remembering: what is noted of a request that was answered, so that the router can learn from it.

Its place is after the last byte of the answer, on routes that learn; nobody waits for it. Content whose clearance does
not permit the zone of the store leaves nothing behind, not even numbers.
"""

from __future__ import annotations

from gateway.config.learning import RouteLearning
from gateway.learning.lessons import Lessons
from gateway.learning.note import Note, is_kept
from gateway.learning.sample import Went
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from router.clearance import Clearance
from router.content import Content
from router.difficulty.view import view_of_content

_MOST_BYTES = 65_536  # of a body that is looked at for signals; some 0.1 ms


def remember(parts: Parts, exchange: Exchange, content: Content) -> bool:
    """Notes the sample, and what the request says of earlier ones. Nothing of a request that got no whole answer.

    Returns whether there will be a sample, so that labels on it are worth having.
    """
    lessons, learning = parts.lessons, parts.learning.get(exchange.route.name)
    clearance = exchange.receipt.clearance
    if lessons is None or learning is None or not isinstance(clearance, Clearance):
        return False
    if exchange.status != 200 or exchange.answered_by != exchange.receipt.deployment:  # it failed, was cut, or left
        return False
    if not clearance.permits(lessons.zone):
        lessons.tells.not_learned("forbidden")
        return False
    note = _note(parts, lessons, learning, exchange, clearance, content)
    if note is None:
        return False
    is_noted = is_kept(note.request_id, learning.share) and lessons.note(note)
    if learning.regenerate or learning.follow_up:
        _heed(parts, lessons, learning, exchange, note, is_noted)
    return is_noted


def _note(
    parts: Parts,
    lessons: Lessons,
    learning: RouteLearning,
    exchange: Exchange,
    clearance: Clearance,
    content: Content,
) -> Note | None:
    route, principal, receipt = exchange.route, exchange.principal, exchange.receipt
    targets = parts.targets[route.name]
    name = receipt.deployment
    if name not in route.small and name not in route.large:  # put first by something else than difficulty
        return None
    went: Went = "small" if name in route.small else "large"
    small = name if went == "small" else next((each for each in route.small if each in targets), "")
    large = name if went == "large" else next((each for each in route.large if each in targets), "")
    if not small or not large:  # a deployment that is left out: there was no choice
        return None
    return Note(
        receipt.request_id,
        lessons.wall(),
        principal.name,
        principal.team,
        route.name,
        small,
        large,
        went,
        receipt.difficulty,
        str(clearance),
        view_of_content(content),
        learning.capture,
    )


def _heed(
    parts: Parts, lessons: Lessons, learning: RouteLearning, exchange: Exchange, note: Note, is_noted: bool
) -> None:
    if exchange.call.size > _MOST_BYTES:
        return
    signals = lessons.signals
    turn = signals.turn(note.route, note.key, exchange.call.body.get("messages"))
    if turn is None:
        return
    asked_at = note.at - (parts.clocks.steady() - exchange.started)
    said = signals.heed(turn, note.key, asked_at, regenerate=learning.regenerate, follow_up=learning.follow_up)
    for label in said:
        lessons.say(note.route, label)
    if is_noted:
        signals.remember(turn, note.request_id, note.went, note.at)
