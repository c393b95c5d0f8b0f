"""If these fail, the file can ask for what no rule looks at."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from gateway.config.examplefiles import FEWEST
from gateway.config.load import load
from gateway.config.routing import Conditions, Modality
from router.content import Opaque
from router.expression import HEAD_CHARS, TAIL_CHARS
from router.facts import TEXT_ONLY
from router.occasion import LONGEST_TAG, MOST_TAGS
from router.specialists.fitting import FALSE_CLAIMS
from tests.router.specialists.prompts import SUPPORT


def test_of_nothing_a_rule_is_for_everything() -> None:
    assert all(getattr(Conditions(), setting.name) is None for setting in fields(Conditions))


def test_the_modalities_are_kinds_of_parts() -> None:
    kinds = {"image", "audio", "video", "file"}
    assert set(get_args(Modality)) == kinds | {TEXT_ONLY}
    assert all(Opaque("", kind).kind == kind for kind in kinds)


PAGE = (Path(__file__).parents[3] / "docs" / "routing.md").read_text()
SECTION = PAGE[PAGE.index("\n## Rules and specialists\n") :].partition("\n## ")[2].partition("\n## ")[0]
SAID = " ".join(SECTION.split())  # wherever its lines end
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_page_load_without_a_warning(example: str, tmp_path: Path) -> None:
    (tmp_path / "tidegate.yaml").write_text(example)
    (tmp_path / "support.txt").write_text("\n".join(SUPPORT))
    environ = {name: f"tg-0123456789abcdef-{name}" for name in re.findall(r"\$\{([A-Z_]+)\}", example)}
    assert load(tmp_path / "tidegate.yaml", environ=environ).warnings == ()


def test_the_page_shows_both_and_says_what_is_so() -> None:
    assert len(EXAMPLES) == 2
    told = {"tags", "languages", "length", "turns", "tools", "modalities", "matches", "system_matches", "hours"}
    assert told <= {setting.name for setting in fields(Conditions)}
    assert all(f"**{name}**" in SAID for name in told)
    assert f"the first {MOST_TAGS} count, of up to {LONGEST_TAG} characters" in SAID
    assert f"the first {HEAD_CHARS:,} and the last {TAIL_CHARS:,} characters" in SAID
    assert f"where {FALSE_CLAIMS:.1%} of those prompts".replace("%", " %") in SAID
    assert f"{FEWEST} at least" in SAID
