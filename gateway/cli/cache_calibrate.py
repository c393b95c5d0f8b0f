"""`tidegate cache calibrate`: how alike questions have to be on a route, measured on pairs of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from gateway.cache.semantic.calibration import Calibration, Judged, Pair, calibrate, judge, rates
from gateway.cache.semantic.encoder import Encoder, EncoderUnusable
from gateway.cache.semantic.plan import CALIBRATED
from gateway.cli.numbers import share_given
from gateway.cli.refusal import refuse
from gateway.cli.rows import RowError, rows
from gateway.config.loaded import Loaded

_FEW: Final = 100  # pairs of a kind; of fewer the interval says little


def arguments(actions: Any) -> None:
    """Adds the action to those of `tidegate cache`."""
    parser: argparse.ArgumentParser = actions.add_parser(
        "calibrate", help="measure on your own questions how alike two have to be for one answer"
    )
    parser.add_argument("file", metavar="FILE", help='rows of {"a": question, "b": question, "same": true or false}')
    parser.add_argument(
        "--false-hits",
        type=share_given,
        default=0.01,
        metavar="SHARE",
        help="of the pairs that are not the same, how many may be taken for it; default: 0.01",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="for its cache.encoder; default: ./tidegate.yaml, else the one shipped",
    )


def run(loaded: Loaded, args: argparse.Namespace) -> int:
    """Prints what holds for each language, and the setting. 2 where the rows or the encoder cannot be used."""
    try:
        pairs = _pairs(args.file)
        encoder = Encoder(loaded.settings.cache.encoder)
    except (RowError, EncoderUnusable) as error:
        return refuse("cache calibrate", error)
    judged = judge(pairs, encoder.vector)
    languages = sorted({each.language for each in judged} - {""})
    found = {language: _of(judged, language, args.false_hits) for language in languages}
    for language in languages:
        for line in _lines(language, found[language], [each for each in judged if each.language == language]):
            print(line)
    unread = sum(not each.language for each in judged)
    if unread:
        print(f"{unread} pairs are in no language that the guard knows: such questions are always answered anew.")
    thresholds = {language: each.threshold for language, each in found.items() if each is not None}
    if not thresholds:
        return refuse("cache calibrate", "no threshold keeps the false hits that low, or there are no pairs")
    inner = ", ".join(f"{language}: {threshold}" for language, threshold in thresholds.items())
    print(f"cache: {{semantic: {{thresholds: {{{inner}}}}}}}")
    return 0


def _of(judged: Sequence[Judged], language: str, most_false: float) -> Calibration | None:
    return calibrate([each for each in judged if each.language == language], most_false)


def _lines(language: str, found: Calibration | None, judged: Sequence[Judged]) -> list[str]:
    lines = []
    if found is None:
        lines.append(f"{language}: none, there are too many false hits whatever the threshold")
    else:
        lines.append(f"{language}: {found.threshold}")
        lines += [f"  hits        {found.hits}", f"  false hits  {found.false_hits}"]
    if language in CALIBRATED:
        shipped = rates(judged, CALIBRATED[language])
        lines.append(f"  with the one that ships, {shipped.threshold}: {shipped.hits}; false {shipped.false_hits}")
    if min(sum(each.same for each in judged), sum(not each.same for each in judged)) < _FEW:
        print(f"{language}: fewer than {_FEW} pairs of a kind; mind the intervals", file=sys.stderr)
    return lines


def _pairs(name: str) -> list[Pair]:
    """Raises `RowError`."""
    pairs: list[Pair] = []
    for row in rows(name):
        a, b, same = (row.fields.get(field) for field in ("a", "b", "same"))
        if not isinstance(a, str) or not isinstance(b, str) or not isinstance(same, bool):
            raise row.error('a pair is {"a": text, "b": text, "same": true or false}')
        pairs.append(Pair(a, b, same))
    return pairs
