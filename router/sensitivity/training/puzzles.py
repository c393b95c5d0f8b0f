# ruff: noqa: E501  # lists
"""Puzzles about people in a sentence or two: who did what to whom, and who is meant. Nobody's data.

Put together from what one does to another, why, and how the question is asked, so that it is the kind of sentence that is
learnt. Templates for `Slots`. Written for this project, CC0.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import NamedTuple


class _Parts(NamedTuple):
    acts: tuple[str, ...]
    reasons: tuple[str, ...]
    questions: tuple[str, ...]


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_PARTS: Mapping[str, _Parts] = {
    "en": _Parts(
        _listed(
            "{K} thanked {K2}|{K} visited {K2} in hospital|{K} lent {K2} an umbrella|{K} beat {K2} at chess|{K} yelled at {K2}|{K} borrowed a drill from {K2}|{K} comforted {K2}|"
            "{K} passed the salt to {K2}|{K} hid the letter from {K2}|{K} paid the bill for {K2}|{K} envied {K2}|{K} asked {K2} for directions|{K} was taller than {K2}|{K} outran {K2}|"
            "{K} taught {K2} to swim|{K} followed {K2} into the shop|{K} refused to help {K2}|{K} couldn't see the stage behind {K2}|{K} cooked dinner for {K2}|{K} admired {K2}'s garden|"
            "{K} interviewed {K2}|{K} forgave {K2}|{K} cared more for the plants than {K2}|{K} had a harder time with algebra than {K2}|{K}'s boat was faster than {K2}'s|{K} carried the box for {K2}|"
            "{K} knocked on {K2}'s door but nobody answered|{K} gave {K2} the larger slice|{K} sold the bicycle to {K2}|{K} told {K2} a secret|{K} photographed {K2}|{K} hired {K2}|{K} blamed {K2}|{K} copied from {K2}"
        ),
        _listed(
            "because she was tired|because he had been kind|since _ was very strong|because _ was afraid of dogs|so _ felt ashamed|because he was out of money|although she was busy|"
            "because _ had more time|since he knew the way|so _ got the prize|because she had lost the key|as _ had forgotten the map|because it was late|and she was grateful|but he did not notice|"
            "since _ loved music|because _ was better at it|so _ went home early|because he was hungry|since she had promised"
        ),
        _listed(
            "|Who was it?|What does _ refer to? A) {K} B) {K2}|Option 1: {K}. Option 2: {K2}.|Who is meant by 'she'?|Fill in the blank.|Answer with one name.|(A) {K} (B) {K2}|Does 'he' refer to {K} or {K2}?|"
            "Choose the right name.|Explain your reasoning."
        ),
    ),
    "fr": _Parts(
        _listed(
            "{K} a remercié {K2}|{K} a rendu visite à {K2}|{K} a prêté un parapluie à {K2}|{K} a battu {K2} aux échecs|{K} a crié sur {K2}|{K} a consolé {K2}|{K} envie {K2}|{K} est plus grand que {K2}|"
            "{K} a appris à nager à {K2}|{K} a suivi {K2} dans le magasin|{K} a refusé d'aider {K2}|{K} ne voyait pas la scène derrière {K2}|{K} a payé pour {K2}|{K} a vendu le vélo à {K2}|{K} a confié un secret à {K2}"
        ),
        _listed(
            "parce qu'elle était fatiguée|car il avait été gentil|parce que _ avait peur des chiens|donc _ a eu honte|car _ avait plus de temps|bien qu'il soit occupé|car elle avait perdu la clé|et elle était contente|puisque _ connaissait le chemin"
        ),
        _listed(
            "|Qui est-ce ?|À qui renvoie « elle » ?|A) {K} B) {K2}|Complète le blanc.|Réponds par un seul nom.|Choisis le bon nom."
        ),
    ),
    "de": _Parts(
        _listed(
            "{K} dankte {K2}|{K} besuchte {K2} im Krankenhaus|{K} lieh {K2} einen Schirm|{K} schlug {K2} im Schach|{K} schrie {K2} an|{K} tröstete {K2}|{K} beneidete {K2}|{K} war größer als {K2}|"
            "{K} brachte {K2} das Schwimmen bei|{K} folgte {K2} in den Laden|{K} wollte {K2} nicht helfen|{K} sah hinter {K2} die Bühne nicht|{K} zahlte für {K2}|{K} verkaufte {K2} das Fahrrad|{K} verriet {K2} ein Geheimnis"
        ),
        _listed(
            "weil sie müde war|denn er war freundlich gewesen|weil _ Angst vor Hunden hatte|also schämte _ sich|denn _ hatte mehr Zeit|obwohl er zu tun hatte|weil sie den Schlüssel verloren hatte|und sie freute sich|da _ den Weg kannte"
        ),
        _listed(
            "|Wer war es?|Wer ist mit „sie“ gemeint?|A) {K} B) {K2}|Fülle die Lücke.|Antworte mit einem Namen.|Wähle den richtigen Namen."
        ),
    ),
    "es": _Parts(
        _listed(
            "{K} dio las gracias a {K2}|{K} visitó a {K2} en el hospital|{K} prestó un paraguas a {K2}|{K} ganó a {K2} al ajedrez|{K} gritó a {K2}|{K} consoló a {K2}|{K} envidiaba a {K2}|{K} era más alto que {K2}|"
            "{K} enseñó a nadar a {K2}|{K} siguió a {K2} a la tienda|{K} no quiso ayudar a {K2}|{K} no veía el escenario detrás de {K2}|{K} pagó por {K2}|{K} vendió la bicicleta a {K2}|{K} contó un secreto a {K2}"
        ),
        _listed(
            "porque estaba cansada|pues había sido amable|porque _ temía a los perros|así que _ sintió vergüenza|pues _ tenía más tiempo|aunque estaba ocupado|porque había perdido la llave|y se alegró|ya que _ conocía el camino"
        ),
        _listed(
            "|¿Quién fue?|¿A quién se refiere «ella»?|A) {K} B) {K2}|Rellena el hueco.|Responde con un nombre.|Elige el nombre correcto."
        ),
    ),
}
_COPIES = {"en": 20, "fr": 16, "de": 16, "es": 16}  # of each act


def puzzles(seed: int) -> Iterator[tuple[str, str, str]]:
    """Templates: the text, its language, and its group, which are those of one act."""
    chance = random.Random(seed)  # noqa: S311  # examples, not secrets
    for language, (acts, reasons, questions) in _PARTS.items():
        for number, act in enumerate(acts):
            for _ in range(_COPIES[language]):
                reason = chance.choice(reasons)
                join = chance.choice((" ", " ", ", "))
                question = chance.choice(questions)
                yield f"{act}{join}{reason}. {question}".strip(), language, f"{language}-{number}"
