"""What fills the slots of the supplement's templates, by language; `|` separates the choices. CC0-1.0."""

# ruff: noqa: E501  a list of choices is one line

from __future__ import annotations

LETTER = (
    "Dear colleagues,\nas you know the office on the second floor will be painted next week. Please take your "
    "personal things home by Friday and leave the desks empty. The painters start on Monday at eight and "
    "expect to be done on Wednesday. During these three days you may work from home or use the desks on the "
    "first floor; there are twelve of them, first come, first served. The kitchen stays open. If you have "
    "questions, write to Lucie or call extension 214.\nKind regards,\nThe office team"
)
STORY = (
    "The old lighthouse had been dark for thirty years when Marta bought it. She painted the door blue, "
    "planted herbs in the yard and put a bench where the boats could be seen. In summer visitors came for tea "
    "and cake, and in winter she read by the stove. One night in March a storm took the power from the whole "
    "coast. Marta climbed the stairs with two lamps and set them in the window. In the morning four fishermen "
    "knocked at the blue door to say thank you."
)

SLOTS: dict[str, dict[str, str]] = {
    "any": {
        "n": "3|7|12|25|40|18|64|9|150",
        "k": "2|5|11|6|4|8|3",
        "language": "Python|Java|Go|C++|Rust|TypeScript|C#|Kotlin",
        "name": "Anna|Paul|Maria|Tom|Lucie|David|Sofia|Jonas",
        "db": "PostgreSQL|MySQL|SQLite|MongoDB|Cassandra",
    },
    "en": {
        "country": "France|Japan|Brazil|Italy|Kenya|Canada|Poland|Australia",
        "tongue": "French|German|Spanish|Italian|Portuguese|Dutch",
        "thing": "the printer|my new phone|the coffee machine|our meeting room|the bicycle|the garden",
        "topic": "photosynthesis|inflation|a black hole|recycling|a firewall|a mortgage|gravity|yoga",
        "animal": "cat|penguin|horse|owl|dolphin|spider",
        "sentence": "The meeting has been moved to Thursday afternoon.|I would like to order two pizzas and a salad.|"
        "Where is the nearest train station?|Thank you for your help yesterday.|We will send the parcel tomorrow.|"
        "Our shop is closed on Sundays.|He forgot his umbrella at the office.",
        "paragraph": "The team met on Monday to talk about the new website. They agreed to start in May and to ask a "
        "designer for help. The budget will be decided next week.|Our summer fair takes place on 12 July in the park. "
        "There will be music, food and games for children. Entry is free.|The library will be closed for two weeks "
        "because of repairs. Books can be returned at the town hall. It opens again on 3 March.",
        "letter": LETTER,
        "story": STORY,
        "structure": "hash map|priority queue|skip list|ring buffer|B-tree|LRU cache|work-stealing deque",
        "contest": "mathematics olympiad|AIME|Putnam|IMO shortlist",
        "system": "a payment service|a chat application|a rate limiter|an order book|a job scheduler|a metrics pipeline",
        "theorem": "Fermat's little theorem|the Cauchy-Schwarz inequality|the intermediate value theorem|"
        "the fundamental theorem of arithmetic|Sylow's first theorem|the Bolzano-Weierstrass theorem",
    },
    "fr": {
        "country": "la France|le Japon|le Brésil|l'Italie|le Kenya|le Canada",
        "tongue": "anglais|allemand|espagnol|italien",
        "topic": "la photosynthèse|l'inflation|un trou noir|le recyclage|un pare-feu",
        "sentence": "La réunion est reportée à jeudi après-midi.|Je voudrais commander deux pizzas.|Où est la gare la "
        "plus proche ?|Merci pour votre aide hier.",
        "structure": "table de hachage|file de priorité|liste à sauts|tampon circulaire|cache LRU",
        "system": "un service de paiement|une messagerie|un limiteur de débit|un ordonnanceur de tâches",
        "theorem": "le petit théorème de Fermat|l'inégalité de Cauchy-Schwarz|le théorème des valeurs intermédiaires",
    },
    "de": {
        "country": "Frankreich|Japan|Brasilien|Italien|Kenia|Kanada",
        "tongue": "Englische|Französische|Spanische|Italienische",
        "topic": "Photosynthese|Inflation|ein schwarzes Loch|Recycling|eine Firewall",
        "sentence": "Die Besprechung wurde auf Donnerstagnachmittag verschoben.|Ich möchte zwei Pizzen bestellen.|Wo ist "
        "der nächste Bahnhof?|Vielen Dank für Ihre Hilfe gestern.",
        "structure": "Hashtabelle|Prioritätswarteschlange|Skip-Liste|Ringpuffer|LRU-Cache",
        "system": "einen Zahlungsdienst|eine Chat-Anwendung|einen Ratenbegrenzer|einen Job-Scheduler",
        "theorem": "den kleinen Satz von Fermat|die Cauchy-Schwarz-Ungleichung|den Zwischenwertsatz",
    },
    "es": {
        "country": "Francia|Japón|Brasil|Italia|Kenia|Canadá",
        "tongue": "inglés|francés|alemán|italiano",
        "topic": "la fotosíntesis|la inflación|un agujero negro|el reciclaje|un cortafuegos",
        "sentence": "La reunión se ha aplazado al jueves por la tarde.|Quisiera pedir dos pizzas.|¿Dónde está la "
        "estación más cercana?|Gracias por su ayuda de ayer.",
        "structure": "tabla hash|cola de prioridad|lista por saltos|búfer circular|caché LRU",
        "system": "un servicio de pagos|una aplicación de chat|un limitador de tasa|un planificador de tareas",
        "theorem": "el pequeño teorema de Fermat|la desigualdad de Cauchy-Schwarz|el teorema del valor intermedio",
    },
}
