"""Refusals: an answer that begins by saying that there will be none, or asks for the question. In en, fr, de, es."""

from __future__ import annotations

import re
from typing import Final

_BEGINNING: Final = 240  # characters: later on such words are part of an answer
_CUES: Final = (
    # English
    "i'm sorry",
    "i am sorry",
    "i apologize",
    "i apologise",
    "i can't",
    "i cannot",
    "i can not",
    "i'm unable",
    "i am unable",
    "i'm not able",
    "i am not able",
    "i don't have access",
    "i do not have access",
    "i don't have enough",
    "i don't have the ability",
    "i don't know",
    "i do not know",
    "as an ai",
    "as a language model",
    "as a large language model",
    "how can i help",
    "how can i assist",
    "how may i",
    "what's your task",
    "what is your task",
    "what's your question",
    "what is your question",
    "please provide",
    # French
    "je suis désolé",
    "désolé,",
    "je ne peux pas",
    "je ne suis pas en mesure",
    "je ne sais pas",
    "je n'ai pas accès",
    "en tant qu'ia",
    "en tant que modèle",
    "comment puis-je",
    # German
    "es tut mir leid",
    "tut mir leid",
    "ich kann nicht",
    "ich kann ihnen nicht",
    "ich kann dir nicht",
    "ich kann das nicht",
    "ich weiß nicht",
    "ich bin nicht in der lage",
    "ich habe keinen zugriff",
    "als ki",
    "als sprachmodell",
    "wie kann ich",
    # Spanish
    "lo siento",
    "no puedo",
    "no me es posible",
    "no sé",
    "no tengo acceso",
    "como ia",
    "como modelo de lenguaje",
    "cómo puedo ayudar",
)
_CUE: Final = re.compile("|".join(rf"(?:\b{re.escape(cue)})(?!\w)" for cue in _CUES))
_APOSTROPHE: Final = str.maketrans("’‘", "''")


def is_refusal(text: str) -> bool:
    """Whether the answer's beginning is a refusal."""
    return _CUE.search(text[:_BEGINNING].lower().translate(_APOSTROPHE)) is not None
