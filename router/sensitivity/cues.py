"""Cues: the words around a candidate that say what it is, in the languages served. Lower case, accents folded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntFlag, auto
from typing import Final

from router.sensitivity.patterns import PatternSet


def words(*alternatives: str) -> re.Pattern[str]:
    """Whole words (or phrases), any of them. An alternative may be a regular expression without groups."""
    return re.compile(rf"(?<![a-z0-9])(?:{terms(alternatives)})(?![a-z])")


def terms(alternatives: tuple[str, ...]) -> str:
    """One alternation of all words and phrases."""
    return "|".join(part for group in alternatives for part in group.split("|") if part)


# Where a language writes in one word what others write in two: Passnummer, paspoortnummer, kort-nr.
_COMPOUND: Final = "(?:s?-?(?:nummer|nr))?"


class Cue(IntFlag):
    """What nearby words speak for. `CONTRARY`: for something that is no person's (order, commit, version…)."""

    NONE = 0
    CONTRARY = auto()
    PHONE = auto()
    CARD = auto()
    BANK = auto()
    NATIONAL_ID = auto()
    PASSPORT = auto()
    LICENCE = auto()
    PLATE = auto()
    MEDICAL_RECORD = auto()
    HEALTH_INSURANCE = auto()
    ACCOUNT = auto()
    BIRTH = auto()
    SORT_CODE = auto()
    HEALTH_PRO = auto()
    CASE = auto()
    BAR = auto()
    ROUTING = auto()
    BIC = auto()
    VIN = auto()
    HOST = auto()
    PLACE = auto()
    PRESCRIPTION = auto()


_WORDS: Mapping[Cue, tuple[str, ...]] = {
    Cue.CONTRARY: (
        # English
        "order|orders|invoice|commit|version|release|build|isbn|issn|ean|upc|gtin|sku|part number|"
        "part no|serial|ticket|"
        "tracking|shipment|parcel|port|timestamp|checksum|hash|sha-?1|sha-?256|md5|uuid|revision|rev|"
        "model|product|article|"
        "page|pages|line|lines|error|error code|exit code|rfc|cve|issue|pr|pull request|step|figure|table|chapter|"
        "divided by|divisible by|times|plus|minus|multiply|factor|prime|digits of|sum of|room|flight|train|bus",
        # French
        "commande|facture|colis|suivi|reference|ref|produit|article|numero de serie|serie|ticket|"
        "devis|bon de livraison|"
        "page|ligne|erreur|divise par|fois|multiplie par|nombre premier|un nombre|le nombre|vol|train",
        # German
        "bestellung|bestellnummer|bestellnr|auftrag|auftragsnummer|rechnung|rechnungsnummer|artikel|artikelnummer|"
        "sendung|sendungsnummer|seriennummer|paket|seite|zeile|fehler|fehlercode|geteilt durch|"
        "multipliziert mit|zahl|zug|flug",
        # Spanish
        "pedido|factura|referencia|articulo|numero de serie|serie|envio|seguimiento|paquete|pagina|linea|error|"
        "dividido por|dividido entre|multiplicado por|numero primo|vuelo|tren",
    ),
    Cue.PHONE: (
        "phone|telephone|tel|tel no|mobile|cell|cellphone|call|calling|text me|whatsapp|sms|fax|"
        "contact|reach|ring|dial|"
        "(?:my|his|her|their|our|your) number is|phone number|hotline|ph|landline|pager|telepono|cep no|cep",
        "telephone|portable|mobile|joindre|joignable|appeler|appelle|appelez|appelle-moi|rappeler|"
        "rappelez|tel|fixe|gsm",
        "telefon|telefonnummer|handy|handynummer|mobil|mobilnummer|anrufen|ruf|rufen|erreichbar|"
        "rufnummer|durchwahl|tel",
        "telefono|movil|celular|llamar|llama|llame|llamame|llamen|contacto|contactar|fijo|tlf|tfno",
        "telefone|telemovel|cellulare|telefoon|telefoonnummer|gsm-nummer|puhelin|telefonu",
    ),
    Cue.CARD: (
        "card|credit card|debit card|card number|visa|mastercard|amex|american express|cc|pan|payment",
        "carte|carte bancaire|carte bleue|cb|numero de carte|carte de credit",
        "karte|kreditkarte|kartennummer|kreditkartennummer|kreditkartendaten",
        "tarjeta|tarjeta de credito|numero de tarjeta",
        "carta di credito|numero di carta|creditcard|karta|karty|cartao",
    ),
    Cue.BANK: (
        "iban|rib|bank|account|account number|acct|transfer|wire|bic|swift|routing|sort code|beneficiary|a/c",
        "compte|virement|banque|compte bancaire|beneficiaire",
        "konto|kontonummer|bankverbindung|uberweisen|uberweise|uberweisung|empfanger|blz",
        "cuenta|cuenta bancaria|transferencia|banco|beneficiario",
        "rekening|conto|konta|rachunku|releve d'identite bancaire",
    ),
    Cue.NATIONAL_ID: (
        "ssn|social security|social security number|social|national id|national insurance|ni number|"
        "nino|nhs|nhs number|"
        "tax id|tax number|taxpayer|itin|tin|identity number|identity card|id number|id card|id no|personal number|"
        "id code|identity code|personal identity code|thai id|frn|brn|gstin|gst|voter|vote|pnr|"
        "orgnummer|organisationsnummer|citizen|aadhaar|aadhar|pan card|pan number|pan|sin|tfn|tax "
        "file number|national identification|utr|unique taxpayer reference|ein|fein|employer identification number|"
        "uidai|tax code|medicare number|social insurance",
        "numero de securite sociale|securite sociale|secu|numero de secu|nir|nss|numero fiscal|spi|"
        "carte d'identite|cni|"
        "identifiant fiscal|carte vitale|registre national|niss|avs|assurance sociale|"
        "(?:mon|son|votre|le) nas|numero de ss",
        "steuer-id|steuerid|identifikationsnummer|steuer-identifikationsnummer|steueridentifikationsnummer|steuernummer|idnr|steuer-idnr|"
        "personalausweis|personalausweisnummer|ausweis|ausweisnummer|sozialversicherungsnummer|"
        "rentenversicherungsnummer|"
        "svnr|sv-nummer|rvnr|ahv|ahv-nummer|versichertennummer",
        "dni|nie|nif|cif|documento nacional|documento de identidad|identidad|seguridad social|numero "
        "de la seguridad social|"
        "nuss|nass|afiliacion|identidad de extranjero|cedula|curp|rfc",
        "bsn|burgerservice|sofi|insz|cartao de cidadao|d-number|d-nummer|codice fiscale|cf|c\\.f|"
        "pesel|nip|cpf|cnpj|contribuinte|"
        "personnummer|henkilotunnus|"
        "hetu|cpr|cpr-nummer|fodselsnummer|rijksregisternummer|numero national|tc kimlik|kimlik|tckn|pps|ppsn|nric|fin",
    ),
    Cue.PASSPORT: (
        "passport|passports|travel document|passeport|reisepass|pass-?nummer|pass-?nr|pasaporte|passaporto|paspoort|"
        "paszport|paszportu|passaporte",
    ),
    Cue.LICENCE: (
        "driver'?s? licen[cs]e|driving licen[cs]e|licen[cs]e number|licen[cs]e no|dl|dln|permis de "
        "conduire|permis|fuhrerschein|"
        "carnet de conducir|permiso de condu(?:cir|ccion)|licencia de condu(?:cir|ccion)|patente di "
        "guida|patente|rijbewijs|prawa jazdy|carta de conducao",
    ),
    Cue.PLATE: (
        "plate|plates|number plate|licen[cs]e plate|registration|reg|vrm|vehicle|vehicles|car|"
        "immatricule|immatriculee|immatriculation|plaque|"
        "vehicule|kennzeichen|autokennzeichen|kfz-kennzeichen|kfz|nummernschild|fahrzeug|matricula|placa|vehiculo|targa|kenteken",
    ),
    Cue.MEDICAL_RECORD: (
        "mrn|medical record|medical records|med rec|records|ref code|reference number|case id|"
        "medical record number|record number|chart|chart number|patient id|patient number|patient no|"
        "hospital number|hospital no|health record|record no|record|file number|encounter|admission "
        "number|pt id|case id|"
        "dossier|numero de dossier|dossier medical|ipp|nip|ndossier|patientennummer|fallnummer|"
        "patienten-id|aktenzeichen|"
        "patientenakte|nhc|historia clinica|numero de historia|historia|expediente|episodio|cartella",
    ),
    Cue.HEALTH_INSURANCE: (
        "insurance|insurance #|health plan id|egk|egk-nummer|insurance id|insurance number|policy|"
        "policy number|policy no|member id|member number|subscriber|"
        "health id|health plan|health card|medicare|medicaid|mbi|beneficiary|insurance no|ins|group number|"
        "assurance|contrat d'assurance|mutuelle|numero d'adherent|adherent|carte vitale|"
        "krankenversicherung|krankenkasse|versichertennummer|versicherungsnummer|"
        "krankenversichertennummer|versicherten-nr|versicherungsschein|"
        "gesundheitskarte|kvnr|nass|seguro|poliza|numero de poliza|tarjeta sanitaria|afiliacion|cipa",
    ),
    Cue.ACCOUNT: (
        "account|account number|account no|acct|acct no|customer id|customer number|client number|member|membership|"
        "employee id|employee number|badge|staff id|student id|"
        "numero client|numero de client|matricule|compte|kundennummer|kunden-nr|personalnummer|matrikelnummer|"
        "numero de cliente|numero de empleado|cuenta",
    ),
    Cue.BIRTH: (
        "born|dob|d\\.o\\.b|date of birth|birth date|birthdate|birthday|born on|birth|"
        "ne le|nee le|ne\\(e\\) le|date de naissance|naissance|ddn|ne en|nee en|anniversaire|"
        "geboren|geb|geboren am|geburtsdatum|geburtstag|geburtsjahr|"
        "nacido|nacida|nacido el|nacida el|fecha de nacimiento|nacimiento|f\\. ?nac|fnac|naci|nacio|cumpleanos|"
        "nato|nata|nato il|data di nascita|compleanno|geboortedatum|geboren op|verjaardag|urodzony|urodzona|urodzenia|"
        "data de nascimento|nascid[oa]|aniversario|fodt|fodelsedatum|syntynyt",
    ),
    Cue.HEALTH_PRO: ("npi|n.?col|colegiado|lanr|arztnummer|rpps|adeli|dea number|gmc|medical licen[cs]e",),
    Cue.CASE: (
        "case no|case number|case|docket|docket no|aktenzeichen|az|dossier|numero de dossier|"
        "expediente|claim|claim no|claim number",
    ),
    Cue.BAR: ("bar no|bar number|badge|badge number|license no",),
    Cue.SORT_CODE: ("sort code",),
    Cue.ROUTING: ("routing|aba|rtn|routing number",),
    Cue.BIC: ("bic|swift",),
    Cue.VIN: ("vin|chassis|vehicle|vehicle identification number|fahrgestell|fin|bastidor|telaio|chassi",),
    Cue.HOST: (
        "ip|ip address|address|client|host|source|src|login|logged in|user|server|adresse ip|"
        "ip-adresse|direccion ip|remote|session",
    ),
    Cue.PLACE: (
        "gps|location|located|position|coordinates|lat|latitude|home|lives|live|house|coordonnees|"
        "domicile|habite|koordinaten|standort|wohnt|wohnort|coordenadas|ubicacion|domicilio|vive|posizione",
    ),
    Cue.PRESCRIPTION: (
        "prescription|prescription number|rx|rx number|ordonnance|rezept|e-rezept|receta|ricetta|recept|recepty",
    ),
}


class _CueSet:
    """All cues in one pass."""

    def __init__(self, vocabulary: Mapping[Cue, tuple[str, ...]]) -> None:
        self._cues = tuple(int(cue) for cue in vocabulary)  # an IntFlag is ten times slower than an int
        self._set = PatternSet(rf"\b(?:{terms(alternatives)}){_COMPOUND}\b" for alternatives in vocabulary.values())

    def near(self, text: bytes) -> int:
        """The cues that stand in `text` (folded, lower case), as an or of `Cue`."""
        raw = self._set.raw(text)
        if len(raw) == 1:
            return 0
        found = 0
        for index in self._set.read(raw):
            found |= self._cues[index]
        return found


_CUES: Final = _CueSet(_WORDS)
cues_in_bytes = _CUES.near


def cues_in(text: str) -> int:
    """The cues that stand in `text` (folded, lower case), as an or of `Cue`."""
    return _CUES.near(text.encode())
