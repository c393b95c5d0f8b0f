"""If these fail, a route has other specialists than its file says, or every start pays for those that nobody has."""

from __future__ import annotations

from pathlib import Path

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.specialising import Specialising, domains_of, specialists_in
from router.content import content_of_text
from tests.gateway.config.harness import BASE, loaded
from tests.router.specialists.prompts import MORE_SUPPORT, OTHERS, SUPPORT


def with_one(tmp_path: Path, examples: list[str]) -> Loaded:
    (tmp_path / "faq.txt").write_text("\n".join(examples))
    file = tmp_path / "tidegate.yaml"
    listed = "specialists: [{name: faq, deployment: large, examples: faq.txt, false_claims: 0.01}]"
    file.write_text(BASE.replace("large: [large]}", f"large: [large], {listed}}}\n  plain: {{small: [small]}}"))
    return load(file, environ={})


def test_each_route_has_its_own(tmp_path: Path) -> None:
    found = with_one(tmp_path, SUPPORT)
    ((route, specialists),) = specialists_in(found).items()
    lead = specialists.claim(content_of_text(MORE_SUPPORT[0]))
    assert route == "auto"
    assert lead is not None
    assert lead.first == ("large",)
    assert specialists.claim(content_of_text(OTHERS[0])) is None
    assert 0.005 < domains_of(found)["auto"][0].false <= 0.0105


def test_without_any_there_is_nothing_to_fit() -> None:
    assert specialists_in(loaded(BASE)) == {}


def test_they_are_fitted_again_where_they_have_changed_and_only_there(tmp_path: Path) -> None:
    specialising = Specialising()
    first = specialising.of(with_one(tmp_path, SUPPORT))
    assert specialising.of(with_one(tmp_path, SUPPORT)) is first
    assert specialising.of(with_one(tmp_path, SUPPORT[1:])) is not first
    assert specialising.of(loaded(BASE)) == {}
