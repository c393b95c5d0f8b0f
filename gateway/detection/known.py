"""Known plug-ins: how each speaks of what it finds. Their packages are imported where they are made, and only there."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gateway.config.plugins import entry_points_by_name, presidio_model
from gateway.detection.advisor import Advice, Advisor, MakesAdvisor

_PRESIDIO_TYPES = {
    "PERSON": "PERSON", "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN", "IP_ADDRESS": "IP", "MAC_ADDRESS": "MAC", "CRYPTO": "WALLET", "US_SSN": "NATIONAL_ID",
    "US_PASSPORT": "PASSPORT", "US_DRIVER_LICENSE": "DRIVER_LICENSE", "US_BANK_NUMBER": "BANK_ACCOUNT",
    "NRP": "SPECIAL_CATEGORY", "MEDICAL_LICENSE": "HEALTH_PRO_ID",
}  # fmt: skip
_GLINER_TYPES = {
    "person": "PERSON", "address": "ADDRESS", "email": "EMAIL", "phone number": "PHONE",
    "passport number": "PASSPORT", "national id number": "NATIONAL_ID", "medical condition": "HEALTH",
}  # fmt: skip
_NO_PERSONAL_DATA = frozenset({"DATE_TIME", "URL", "LOCATION", "ORGANIZATION"})


class Presidio:
    """Options: `language` (en), `model` (what spaCy has installed for it), `score` (0.5)."""

    def __init__(self, options: Mapping[str, str]) -> None:
        analyzer = importlib.import_module("presidio_analyzer")
        engines = importlib.import_module("presidio_analyzer.nlp_engine")
        self._language = options.get("language", "en")
        self._least = float(options.get("score", "0.5"))
        _without_network()
        model = {"lang_code": self._language, "model_name": presidio_model(options)}
        engine = engines.NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]})
        self._engine: Any = analyzer.AnalyzerEngine(
            nlp_engine=engine.create_engine(), supported_languages=[self._language]
        )

    def advise(self, text: str) -> Iterator[Advice]:
        for each in self._engine.analyze(text=text, language=self._language, score_threshold=self._least):
            if each.entity_type not in _NO_PERSONAL_DATA:
                kind = _PRESIDIO_TYPES.get(each.entity_type, each.entity_type)
                yield Advice(each.start, each.end, kind, min(1.0, each.score))


class CredSweeper:
    """Secrets, by the rules and the model of CredSweeper 1.19. Option: `threshold` (0..1), else its own."""

    def __init__(self, options: Mapping[str, str]) -> None:
        app = importlib.import_module("credsweeper.app")
        enums = importlib.import_module("credsweeper.common.constants")
        self._providers = importlib.import_module("credsweeper.file_handler.string_content_provider")
        threshold = options.get("threshold")
        self._app: Any = app.CredSweeper(
            ml_threshold=float(threshold) if threshold else enums.ThresholdPreset.medium, use_filters=True
        )

    def advise(self, text: str) -> Iterator[Advice]:
        lines = text.splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        bare = [line.rstrip("\r\n") for line in lines]
        manager = self._app.credential_manager
        manager.clear_credentials()
        manager.set_credentials(self._app.file_scan(self._providers.StringContentProvider(bare)))
        self._app.post_processing(None)
        for candidate in manager.get_credentials():
            for data in candidate.line_data_list:
                if data.value and data.value_start >= 0:
                    first = starts[data.line_num - 1]
                    yield Advice(first + data.value_start, first + data.value_end, "SECRET", 0.8)


class Gliner:
    """Options: `model` (a directory), `labels` (parted by commas), `score` (0.5)."""

    def __init__(self, options: Mapping[str, str]) -> None:
        package = importlib.import_module("gliner")
        self._model: Any = package.GLiNER.from_pretrained(options["model"], local_files_only=True)
        self._labels = [label.strip() for label in options.get("labels", ",".join(_GLINER_TYPES)).split(",")]
        self._least = float(options.get("score", "0.5"))

    def advise(self, text: str) -> Iterator[Advice]:
        for each in self._model.predict_entities(text, self._labels, threshold=self._least):
            kind = _GLINER_TYPES.get(each["label"], each["label"].upper().replace(" ", "_"))
            yield Advice(each["start"], each["end"], kind, float(each["score"]))


def _without_network() -> None:
    """Presidio asks tldextract what domains there are, and that the network, unless told to use the list it has."""
    tldextract: Any = importlib.import_module("tldextract.tldextract")
    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


MAKERS: Mapping[str, MakesAdvisor] = MappingProxyType(
    {"presidio": Presidio, "credsweeper": CredSweeper, "gliner": Gliner}
)


def maker(name: str) -> MakesAdvisor:
    """Of a known plug-in, or of one that an installed package offers."""
    if name in MAKERS:
        return MAKERS[name]
    found: MakesAdvisor = entry_points_by_name()[name].load()
    return found


def made(name: str, options: Mapping[str, str]) -> Advisor:
    return maker(name)(options)
