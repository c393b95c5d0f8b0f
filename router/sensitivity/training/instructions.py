# ruff: noqa: E501  # a text is a line
"""Everyday orders to an assistant that concern nobody: what to do, about what, and how. Written for this project, CC0."""

from __future__ import annotations

import random
from collections.abc import Iterator

_PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Write", "Draft", "Explain", "Summarise", "Give me", "Create", "Outline", "Describe", "Compare", "List", "Rewrite", "Suggest", "Make me", "Help me with", "I need", "Please write", "Can you give me", "Act as an expert and explain"),
        (
            "a blog post about electric cars in Norway", "an essay on climate change", "a product description for a Bluetooth speaker", "five slogans for a coffee shop",
            "a cover letter for a junior developer", "an email asking for a discount", "a polite refusal to a wedding invitation", "a LinkedIn post about teamwork",
            "a lesson plan on fractions for Grade Six", "a weekly meal plan with Mediterranean food", "a travel plan for three days in Rome", "a script for a short YouTube video",
            "the causes of the First World War", "the plot of Romeo and Juliet", "the theory of relativity by Einstein", "the difference between Java and JavaScript",
            "a regular expression for e-mail addresses", "an Excel formula for the median", "a SQL query that joins two tables", "how a bill becomes law in the United States",
            "why the Roman Empire fell", "how photosynthesis works", "how to learn Spanish in six months", "how to train for a marathon", "the rules of Monopoly",
            "ideas for a garden in Scotland", "a bedtime story about a fox", "a poem about the sea in the style of Emily Dickinson", "a business plan for a bakery in a small town",
            "a thesis outline about reading habits of pupils", "a newsletter for our sports club", "a checklist for moving house", "the advantages of solar panels",
            "a thank-you note to a host", "a job advertisement for a nurse", "a speech for a retirement party", "an apology for a late delivery", "the best museums in Berlin",
            "a summary of the text below", "a better title for this paragraph", "a translation of this sentence into German", "three riddles for children", "a quiz about World Geography",
            "the history of chocolate", "the life of Frida Kahlo", "the music of Mozart and Beethoven", "what happened during the Cuban Missile Crisis", "a recipe for Pad Thai",
        ),
        (
            "Keep it short.", "Use simple words.", "Answer in bullet points.", "Write at most 200 words.", "Make it sound friendly but professional.", "The readers are beginners.",
            "Add a title and three keywords.", "Do not use technical terms.", "Use British spelling.", "Give one example.", "End with a question.", "The deadline is next Friday.",
            "Invoice 5120 was paid in March.", "We have a budget of 3,000 dollars.", "Imagine you are a teacher.", "Write like Hemingway.", "Peter has 3 balls and Mary has 5.",
            "We sell mostly in Spain and Portugal.", "Our office is in Manchester.", "Use the format of the New York Times.", "Take Version 2.3 as the baseline.", "Thanks!", "The event is on Monday.",
            "Think step by step.", "Explain it as Yoda would.", "The customers are in France.", "Cite no sources.", "Put it into a table.", "We use Windows and Office.",
        ),
    ),
    "fr": (
        ("Écris", "Rédige", "Explique", "Résume", "Donne-moi", "Propose", "Décris", "Compare", "Fais une liste sur", "Aide-moi avec", "Peux-tu écrire"),
        (
            "un article sur les voitures électriques en Norvège", "une dissertation sur le climat", "une fiche produit pour une enceinte", "cinq slogans pour un café",
            "une lettre de motivation pour un stage", "un message pour demander une remise", "un plan de cours sur les fractions", "un voyage de trois jours à Rome",
            "les causes de la Première Guerre mondiale", "l'intrigue de Roméo et Juliette", "la différence entre Java et JavaScript", "le fonctionnement d'une pompe à chaleur",
            "un poème sur la mer à la manière de Baudelaire", "une histoire de renard pour enfants", "les avantages des panneaux solaires", "une recette de Ratatouille",
            "les musées de Berlin", "la vie de Frida Kahlo", "une offre d'emploi pour une infirmière", "un discours de départ à la retraite", "la traduction de cette phrase",
        ),
        ("Sois bref.", "Utilise des mots simples.", "Réponds par points.", "Deux cents mots au plus.", "Ajoute un titre.", "Donne un exemple.", "C'est pour vendredi.", "La facture 5120 est payée.", "Imagine que tu es professeur.", "Paul a 3 billes et Marie en a 5.", "Notre bureau est à Lyon.", "Merci !", "Nos clients sont en Espagne.", "Écris comme Victor Hugo."),
    ),
    "de": (
        ("Schreibe", "Verfasse", "Erkläre", "Fasse zusammen:", "Gib mir", "Erstelle", "Beschreibe", "Vergleiche", "Hilf mir mit:", "Ich brauche", "Kannst du schreiben:"),
        (
            "einen Artikel über Elektroautos in Norwegen", "einen Aufsatz über das Klima", "eine Produktbeschreibung für einen Lautsprecher", "fünf Slogans für ein Café",
            "ein Anschreiben für ein Praktikum", "eine Mail mit der Bitte um Rabatt", "einen Unterrichtsplan zu Brüchen", "eine Reise von drei Tagen nach Rom",
            "die Ursachen des Ersten Weltkriegs", "die Handlung von Romeo und Julia", "den Unterschied zwischen Java und JavaScript", "die Funktion einer Wärmepumpe",
            "ein Gedicht über das Meer im Stil von Heine", "eine Gutenachtgeschichte über einen Fuchs", "die Vorteile von Solaranlagen", "ein Rezept für Kaiserschmarrn",
            "die Museen in Berlin", "das Leben von Frida Kahlo", "eine Stellenanzeige für eine Pflegekraft", "eine Rede zum Ruhestand", "die Übersetzung dieses Satzes",
        ),
        ("Fasse dich kurz.", "Nutze einfache Wörter.", "Antworte in Stichpunkten.", "Höchstens 200 Wörter.", "Füge einen Titel hinzu.", "Nenne ein Beispiel.", "Die Frist ist Freitag.", "Rechnung 5120 ist bezahlt.", "Stell dir vor, du bist Lehrer.", "Peter hat 3 Bälle und Maria hat 5.", "Unser Büro ist in Köln.", "Danke!", "Unsere Kunden sind in Spanien.", "Schreibe wie Goethe."),
    ),
    "es": (
        ("Escribe", "Redacta", "Explica", "Resume", "Dame", "Crea", "Describe", "Compara", "Ayúdame con", "Necesito", "¿Puedes escribir?:"),
        (
            "un artículo sobre coches eléctricos en Noruega", "un ensayo sobre el clima", "una descripción de un altavoz", "cinco lemas para una cafetería",
            "una carta de motivación para unas prácticas", "un mensaje para pedir un descuento", "un plan de clase sobre fracciones", "un viaje de tres días a Roma",
            "las causas de la Primera Guerra Mundial", "el argumento de Romeo y Julieta", "la diferencia entre Java y JavaScript", "el funcionamiento de una bomba de calor",
            "un poema sobre el mar al estilo de Neruda", "un cuento de un zorro", "las ventajas de los paneles solares", "una receta de Gazpacho", "los museos de Berlín",
            "la vida de Frida Kahlo", "un anuncio de empleo para una enfermera", "un discurso de jubilación", "la traducción de esta frase",
        ),
        ("Sé breve.", "Usa palabras sencillas.", "Responde con puntos.", "Como máximo 200 palabras.", "Añade un título.", "Da un ejemplo.", "Es para el viernes.", "La factura 5120 está pagada.", "Imagina que eres profesor.", "Pedro tiene 3 bolas y María tiene 5.", "Nuestra oficina está en Bilbao.", "¡Gracias!", "Nuestros clientes están en Francia.", "Escribe como Cervantes."),
    ),
}  # fmt: skip
# A sum or a puzzle that stands among the orders, and what may follow it.
RIDDLES = {
    "en": (
        "{K} has {N} pears and gives {K2} {N2} of them.", "{K} owns {N} books, {K2} owns {N2}.", "{K} walks {N} miles and {K2} walks {N2}.",
        "{K} bought {N} tickets and sold {N2} to {K2}.", "{K} is taller than {K2}.", "{K} lent {K2} a coat because _ was cold. A) {K} B) {K2}",
        "{K} thanked {K2} for the soup since _ had cooked it.", "{K} chose the red bike over the blue one; {K2} was glad.",
    ),
    "fr": ("{K} a {N} poires et en donne {N2} à {K2}.", "{K} partage {N} bonbons avec {K2}.", "{K} compte {N} canards et {K2} {N2}.", "{K} possède {N} livres, {K2} en possède {N2}.", "{K} est plus grand que {K2}."),
    "de": ("{K} hat {N} Birnen und gibt {K2} davon {N2}.", "{K} teilt {N} Bonbons mit {K2}.", "{K} zählt {N} Enten und {K2} {N2}.", "{K} besitzt {N} Bücher, {K2} besitzt {N2}.", "{K} ist größer als {K2}."),
    "es": ("{K} tiene {N} peras y le da {N2} a {K2}.", "{K} reparte {N} caramelos con {K2}.", "{K} cuenta {N} patos y {K2} {N2}.", "{K} tiene {N} libros y {K2} tiene {N2}.", "{K} es más alta que {K2}."),
}  # fmt: skip
CLOSING = {language: parts[2] for language, parts in _PARTS.items()}
_COPIES = {"en": 40, "fr": 36, "de": 36, "es": 36}  # for each topic
_LONG = 0.25  # share of texts with many orders
_MANY = 110  # orders in the longest


def instructions(seed: int) -> Iterator[tuple[str, str, int]]:
    """Texts with their language and the number of their topic."""
    chance = random.Random(seed)  # noqa: S311  # examples, not secrets
    for language, (verbs, topics, tails) in _PARTS.items():
        for number in range(len(topics)):
            for _ in range(_COPIES[language]):
                many = chance.randint(2, _MANY) if chance.random() < _LONG else 1
                orders = [_order(chance, verbs, topics[number], tails)]
                orders += [_order(chance, verbs, chance.choice(topics), tails) for _ in range(many - 1)]
                yield " ".join(orders), language, number


def _order(chance: random.Random, verbs: tuple[str, ...], topic: str, tails: tuple[str, ...]) -> str:
    return " ".join((f"{chance.choice(verbs)} {topic}.", *chance.sample(tails, chance.randint(0, 3))))
