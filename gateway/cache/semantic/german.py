"""German, as the guard knows it."""

from __future__ import annotations

import re
from typing import Final

from gateway.cache.semantic.german_forms import PREFIXES, degrees, split, stem
from gateway.cache.semantic.lexicon import Lexicon, grouped, listed, paired, words

_KINDS: Final = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"\boder\b", "choice"),
        (r"\bwie hei(ß|ss)(t|en)\b|\bwie (ist|lautet) der name\b", "named"),
        (r"\b(unterschiede?|unterscheiden|unterscheidet)\b", "what"),
        (r"\b(wie ?viele?|wie oft|(an)?zahl der|anzahl|zahl der|welche menge)\b", "count"),
        (
            r"\b(wann|um wie ?viel uhr|ab wann|bis wann|seit wann|(an|zu|in) welche[mrn] (tag|datum|jahr|monat)|"
            r"welches (jahr|datum))\b",
            "time",
        ),
        (r"\bwie (lange|lang hält|lang dauert)\b|\bwie viel zeit\b", "duration"),
        (
            r"\bwie (groß|hoch|alt|weit|schnell|schwer|breit|tief|laut|heiß|kalt|teuer|lang|gut|schlecht|sicher|stark|"
            r"warm|häufig)\b",
            "measure",
        ),
        (
            r"\b(wie (kann|kriege|bekomme|geht|macht|lässt|lassen|wird|werden|könnte|funktioniert|funktionieren)|"
            r"(schritte|anleitung|vorgehen|weg|weise|befehl|weg) (zu|um|für|bei|kann|bucht|exportiere)|"
            r"was (muss|kann|soll|sollte|müssen|können) (ich|man|wir) (tun|machen)|was (mache|tue) ich|"
            r"was muss ich|was brauche ich, um|gibt es (einen weg|eine möglichkeit)|wie:|wie\?|mit welchem (befehl|mittel|programm|weg)|womit|was hilft)",
            "howto",
        ),
        (r"\b(warum|wieso|weshalb|weswegen|gr[uü]nde?|wodurch|was verursacht|ursachen?)\b", "reason"),
        (r"\b(wer|wem|wen|wessen|welche (person|personen|leute)|welcher (mensch|maler|könig|autor))\b", "person"),
        (r"\b(wo|wohin|woher|an welchem ort|in welcher stadt)\b", "place"),
        (
            r"^(hallo |bitte |und |also )*(ist|sind|war|waren|hat|haben|habe|kann|können|könnte|darf|dürfen|muss|müssen|"
            r"soll|sollen|sollte|wird|werden|wurde|wurden|gibt es|brauche|brauchen|bekomme|bekommen|kriege|habt|"
            r"[a-zäöüß]+(t|en|st) (der|die|das|den|dem|ein|eine)|[a-zäöüß]+(t|en|st|e) (man|ihr|sie|du|ich|wir|er|es)|"
            r"lässt|lassen)\b",
            "yesno",
        ),
        (r"\bwie\b(?! hei(ß|ss)t| lautet| ist| war| sind| steht| stand| sieht| sehen)", "howto"),
        (r"\b(ich|wir) (möchte|will|wollen|möchten|brauche)\b", "howto"),
        (r"^(bitte )?(gib|zeig|zeige) mir\b", "give"),
        (
            r"\b(was|welche[rsmn]?|wie|wofür|wozu|worin|wovon|womit|woraus|worauf|nenne|zeige?|liste|gib|erkläre?|"
            r"beschreibe?|bedeutung|empfiehl)\b",
            "what",
        ),
    )
)  # fmt: skip

GERMAN: Final = Lexicon(
    language="de",
    common=words(
        "der die das den dem des ein eine einen einem einer eines dieser diese dieses diesen diesem ich mich mir mein "
        "meine meinen meinem meiner meines wir uns unser unsere unseren unserem du dich dir dein deine deinen deinem "
        "deiner ihr euch euer eure eurem euren sie ihnen es man er sich bin bist ist sind seid war waren wird werden "
        "wurde wurden worden werde sein habe hast hat haben hatte hatten habt hab kann kannst können könnt könnte darf "
        "darfst dürfen dürft muss musst müssen soll sollte sollen sollten möchte möchten will wollen mag und oder "
        "aber als wenn ob dass so da dort hier was wer wem wen wie wo wann warum wieso weshalb welche welcher welches "
        "welchen welchem wofür wozu worin von im in am an auf bei mit zu zum zur für durch um aus über unter bitte "
        "auch nur mal denn doch sehr ganz jetzt gerade eigentlich etwa etwas aktuell wirklich hallo hi "
        "danke eben dann damit dazu davon daran pro je nun beim vom ins ans alle alles jeder jede jedes sobald "
        "zwischen derzeit zurzeit momentan"
    ),
    frames=words(
        "weg weise art möglichkeit möglich schritt schritte schritten vorgehen vorgang ablauf anleitung sache sachen ding "
        "dinge sorte geht bedeutet bedeuten bedeutung heißt heißen lautet lauten erlaubt passiert passieren worum frage "
        "antwort genau okay ok ab"
    ),
    wrappings=(
        re.compile(
            r"^(bitte )?(kannst|könntest|können|könnten) (du|sie)( mir| uns)?( bitte)?( mal)?( sagen| erklären)?\b"
        ),
        re.compile(
            r"^(bitte )?(sag|sage|gib|geben sie|zeig|zeige|nenne|nenn|erklär|erkläre|beschreibe)( mir| uns)?( bitte)?\b"
        ),
        re.compile(r"\bwas (muss|kann|soll|sollte|müssen|können) (ich|man|wir)( denn)? (tun|machen)\b(, um)?"),
        re.compile(r"\bwas brauche ich, um\b|\bwas muss ich\b"),
        re.compile(r"\b(ich|wir) (möchte|will|wollen|möchten)\b"),
        re.compile(r"\bwie (geht|macht man) (das|es)\b|\bund wie\b"),
        re.compile(r"(?<=\bich) am besten\b|(?<=\bman) am besten\b"),
        re.compile(r"\b(auf welchem weg|auf welche weise)\b"),
    ),
    operations=words(
        "ändern löschen aktivi deaktivi exporti importi herunterlad hochlad verfolg einreichen meld beantrag registri kündig "
        "abonni stornieren prüf erneu anleg"
    ),
    loose=words(
        "mach setz stell geh komm lauf läuf gil gel steh lieg geb nehm tun tu sein lass halt verwenden total wichtig eher "
        "befehl forma gleichung rech +um verfügbar bie helf abkürzung perso bekommen ihn"
    ),
    amounts=tuple(
        stem(word, True)
        for word in listed(
            "steuer zins preis kosten gebühr gewinn verlust umsatz beitrag selbstbeteiligung freibetrag gehalt bip "
            "anteil spannung puls blutdruck miete budget rabatt satz kurs lohn"
        )
    ),
    extents=words("hoch groß"),
    tails=listed("ungen ung ation atio ierung ier i bar lich e keit heit t te"),
    trunk=4,
    implied={
        "time": words("zei datum d jahr mon y uhr viel"),
        "statement": words("schreiben"),
        "person": words("perso leut mal mensch künstler nam"),
        "place": words("or stadt"),
        "reason": words("grund gründ ursach"),
        "duration": words("lang zei lan"),
        "count": words("zahlen zahl anzahl meng viel groß"),
        "measure": words("viel"),
    },
    light=words("mach schalt schal stell dreh"),
    negations=words("nicht kein keine keinen keinem keiner keines nie niemals weder nichts niemand nirgends"),
    marks=words(
        "ohne vor nach bis seit bevor nachdem außer statt trotz gegen unter über hinter gestern morgen heute "
        "morgens abends mittags nachts nächste nächsten nächster nächstes letzte letzten letzter letztes vorige vorigen "
        "wieder mehr weniger mindestens höchstens maximal minimal nur beide jeder jede"
    ),
    numbers=paired(
        "0 null\n2 zwei beide beiden\n3 drei\n4 vier\n5 fünf\n6 sechs\n7 sieben\n8 acht\n9 neun\n10 zehn\n11 elf\n"
        "12 zwölf dutzend\n13 dreizehn\n14 vierzehn\n15 fünfzehn\n16 sechzehn\n17 siebzehn\n18 achtzehn\n19 neunzehn\n"
        "20 zwanzig\n30 dreißig\n40 vierzig\n50 fünfzig\n60 sechzig\n70 siebzig\n80 achtzig\n90 neunzig\n100 hundert\n"
        "1000 tausend\n1000000 million millionen\n1000000000 milliarde milliarden\n"
        "#1 erste ersten erster erstes erstem\n#2 zweite zweiten zweiter zweites zweitem\n"
        "#3 dritte dritten dritter drittes\n#4 vierte vierten vierter\n#5 fünfte fünften fünfter\n"
        "0.5 halb halbe halben halber hälfte\n0.25 viertel\n2x doppelt doppelte doppelten zweimal\n1x einmal"
    ),
    units=paired(
        "% prozent\nkm kilometer kilometern\nm meter metern\ncm zentimeter zentimetern\nmm millimeter millimetern\n"
        "mi meile meilen\nft fuß\nin_ zoll\ng gramm\nkg kilogramm kilo kilos\nmg milligramm\noz unze unzen\n"
        "lb pfund\nl liter litern\nml milliliter millilitern\n$ dollar usd\n€ euro euros eur\n£ gbp\n¥ yen\n"
        "chf franken\nmin minute minuten\nsek sekunde sekunden\nh stunde stunden\nd tag tage tagen täglich\nw woche "
        "wochen wöchentlich\nmon monat monate monaten monatlich\ny jahr jahre jahren jährlich\nuhr\n"
        "°c celsius\n°f fahrenheit\n° grad\n"
        "kb kilobyte\nmb megabyte\ngb gigabyte\ntb terabyte\nkwh\nw_ watt\nkw kilowatt\nv volt\na_ ampere\nps\npx pixel\n"
        "kcal kalorien kalorie"
    ),
    degrees=degrees(),
    groups=grouped(
        """
        kosten kostet preis preise gebühr gebühren versandkosten teuer
        hoch höhe
        alt alter
        weit entfernung distanz
        schnell geschwindigkeit tempo
        groß größe
        schwer gewicht
        breit breite
        tief tiefe
        laut lautstärke lärm
        lang länge dauer dauert
        rechnung faktur
        beginnen start starten anfang anfangen
        enden ende
        löschen entfernen
        paket sendung
        artikel ware produkt
        film spielfilm
        wohnung mietwohnung
        urlaub ferien
        handy mobiltelefon smartphone
        zusammenfügen verbinden
        geld bargeld
        arzt doktor
        firma unternehmen betrieb
        fehler störung
        bild foto bilder fotos
        mitarbeiter angestellter beschäftigter
        kunde kundin
        antworten beantworten
        webseite website homepage internetseite seite
        versand lieferung liefern versenden verschicken senden
        erhöhen steigern
        senken reduzieren verringern
        verfügbar frei erhältlich lieferbar
        stadt ort
        abo abonnement
        konto account
        anmelden einloggen
        abmelden ausloggen
        passwort kennwort
        ändern umstellen bearbeiten anpassen
        schreiben verfassen formulieren dichten
        unterschied unterscheiden
        vorteil vorteile pro
        nachteil nachteile contra
        gefährlich schädlich
        giftig toxisch
        kundendienst kundenservice support
        kontaktieren erreichen
        geöffnet offen öffnen
        geschlossen schließen
        zahlen bezahlen
        einreichen abgeben
        auto wagen pkw
        zug bahn
        flug flieger flugzeug maschine
        laden geschäft läden geschäfte
        mail email
        verwenden benutzen nutzen
        berechnen ausrechnen
        brauchen benötigen nötig erforderlich notwendig
        bekommen kriegen erhalten
        finden sehen
        tipp tipps ratschlag hinweis
        ordner verzeichnis
        laptop notebook
        einwohner einwohnerzahl bevölkerung
        rezept zubereiten kochen
        liste auflistung
        enthalten inbegriffen
        mutter mama mutti
        vater papa
        wlan wifi
        genehmigen bewilligen
        passieren geschehen
        kaputt defekt beschädigt
        bestätigen überprüfen
        sofa couch
        ablehnen zurückweisen
        aufzug lift fahrstuhl
        verbieten untersagen
        geschenk präsent
        krankheit erkrankung
        information infos angaben auskunft
        benachrichtigen informieren
        anwalt rechtsanwalt
        gepäck koffer
        oft häufig
        sprit benzin
        problem schwierigkeit
        empfehlen vorschlagen
        miete mietpreis
        reservieren buchen
        ergebnis resultat
        müll abfall
        fahrplan zeitplan
        straße weg
        ersatz alternative
        reise trip
        hose jeans
        weltweit global
        falsch inkorrekt
        normal üblich gewöhnlich
        berühmt bekannt
        medikament arznei medizin
        abholen mitnehmen
        installieren installation
        übersetzen übersetzung
        impfung impfstoff
        ablaufen verfallen
        registrieren registrierung
        frist stichtag
        staatsangehörigkeit staatsbürgerschaft
        zutat bestandteil
        einladung einladen
        hotel unterkunft
        gemälde malen
        bauen errichten
        gründen gründung
        erfinden erfindung
        entdecken entdeckung
        gehalt lohn
        beschwerde reklamation
        umtauschen tauschen
        stornieren absagen
        hersteller produzent
        schüler schülerin
        garantie gewährleistung
        """,
        stem,
    ),
    bindings=words("von vom aus nach zu zum zur bis vor als durch an ans am auf in im ins ohne gegen statt über unter"),
    moods=paired(
        "darf kann können könnte dürfen erlaubt möglich okay ok\nmuss müssen nötig erforderlich notwendig pflicht brauche\n"
        "soll sollte sollen sollten empfehlenswert"
    ),
    tenses=paired("past war waren\nnow ist sind\nfuture wird werden"),
    pasts=words(
        "gewann gewannen verlor schrieb gab nahm fand fuhr flog starb starben begann aß fraß trank stand standen lag lief kam "
        "sah las sprach traf half hielt fiel ließ brach schloss rief brachte dachte kannte zog hieß"
    ),
    auxiliaries=words("ist sind war waren bin hat haben hatte hatten habe wurde wurden worden wird werden"),
    scopes=paired("all alle alles jeder jede jedes sämtliche\nsome manche einige"),
    timings=words("um ab in für"),
    contrasts=words("aber sondern und oder"),
    persons=paired("subject ich\nobject mich mir"),
    askers={"wer": "wer", "wen": "wen", "wem": "wem", "wessen": "wessen"},
    turns=(),
    passive=words("wird werden wurde wurden worden"),
    agents=words("von vom durch"),
    obliged=None,
    thousands=".",
    kinds=_KINDS,
    stem=stem,
    split=split,
    verbal=("ung", "en"),
    particles=frozenset(PREFIXES),
    glued=True,
    names_have_capitals=False,
)
