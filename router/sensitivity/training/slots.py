# ruff: noqa: E501  # lists
"""What the templates are filled with: made-up persons of many origins, public figures, characters, places, firms.

Persons are drawn from the lexicon and, as often, made up by the rules by which family names are formed, so that the
tagger cannot learn the lexicon by heart.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from router.sensitivity.lexicon import read
from router.sensitivity.training import things


def _listed(text: str, separator: str = ",") -> tuple[str, ...]:
    return tuple(text.split(separator))


_STEMS = _listed(
    "Bar Ber Bor Dal Dan Del Dom Fal Fer Gal Gar Gor Hal Han Har Hel Hol Jan Jor Kal Kar Kel Kor Lam Lan Lar Lem Lin "
    "Mal Mar Mel Mil Mor Nal Nor Ol Pal Par Pel Per Pol Ral Ram Rod Ros Sal Sam San Sol Stan Tal Tar Tom Ul Val Vel "
    "Vin Vol Wal Wen Wil Yar Zal Zim Bren Brod Chal Dres Drum Frel Gren Grim Klem Krem Prez Stol Svet Trem",
    " ",
)
_SURNAME_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("son", "ton", "ford", "well", "ley", "field", "wood", "worth", "ham", "by", "ing", "man", "er", "ick"),
    "fr": ("ier", "eau", "et", "ard", "on", "el", "ault", "in", "aud", "ois", "ot", "illon", "bert", "ac"),
    "de": ("mann", "er", "ner", "berg", "bach", "meier", "hofer", "inger", "ke", "stein", "hardt", "ig", "sch", "feld"),
    "es": ("ez", "ado", "ero", "illo", "ales", "ana", "ina", "eda", "era", "ares", "ondo", "uena", "oz", "eta"),
    "other": (
        "ski", "ska", "owicz", "ova", "enko", "ov", "ev", "ic", "ovic", "escu", "opoulos", "idis", "yan", "shvili",
        "sson", "sen", "dottir", "nen", "la", "kari", "uk", "czyk", "as", "aite", "oglu", "zade", "wala", "kar", "nathan",
        "iyer", "moto", "mura", "naka", "shita", "da", "gawa", "ani", "i", "ou", "eh", "abi", "ola", "ike", "wu", "ele",
        "stra", "inga", "ink", "elli", "etti", "ucci", "one", "eira", "ães",
    ),
}  # fmt: skip
_FIRST_ENDINGS = _listed(
    "a ia ina ela ika etta ine ette isa ana a ra lia mira nka ya ka o io ino an en in on us as is ik ek or ard bert win "
    "mar rik ton vin ius ko ji ta ro sh it al im ir ul ud un",
    " ",
)
# Many of them on no list of the lexicon: a name is not known by heart but by where it stands.
_FAR_FIRST = _listed(
    "Aylin,Emre,Burak,Zeynep,Hatice,Mehmet,Ozge,Tolga,Yasemin,Kerem,Layla,Yousef,Abdulrahman,Noor,Hamza,Salma,Tariq,Zainab,Khadija,Rachid,Fouad,Samira,Aarav,Ishaan,Priya,Ananya,Rohit,Deepika,"
    "Sanjay,Lakshmi,Harpreet,Gurpreet,Kavya,Vikram,Xiaoming,Meiling,Jianguo,Yuting,Haoran,Siyu,Thi Lan,Van Hung,Minh Anh,Quang,Thuy,Ngoc,Bogdan,Radoslav,Miroslava,Zdenka,Wojciech,Agnieszka,Malgorzata,"
    "Katarzyna,Dragan,Svetlana,Nikolay,Oksana,Taras,Ljubica,Vesna,Adebayo,Chiamaka,Oluwaseun,Kwame,Abena,Thandiwe,Sipho,Amadou,Aissatou,Mamadou,Fatoumata,Tesfaye,Selam,Wanjiru,Otieno,Sigrid,Torbjorn,"
    "Asbjorn,Gudrun,Saga,Joao,Goncalo,Beatriz,Thiago,Rafaela,Larissa,Ainhoa,Gorka,Itziar,Iker,Amaia,Jordi,Montserrat,Nuria,Xose,Ioana,Mihai,Gheorghe,Eleftheria,Stavros,Panagiota,Haruka,Kenji,Yuki,"
    "Minjun,Seoyeon,Jihoon,Gwendolyn,Siobhan,Aoife,Niamh,Eoghan,Rhiannon,Jean-Pierre,Marie-Claire,Anne-Sophie,Karl-Heinz,Hans-Peter,Eva-Maria,Jose Luis,Maria Jose,Ana Belen,Mary Ann,Jo"
)
_FAR_LAST = _listed(
    "Yilmaz,Demirel,Kaya,Ozturk,Celik,Aydin,Sahin,Haddad,Khoury,Al-Masri,El Amrani,Benali,Bouzid,Ben Salah,Nasser,Qureshi,Siddiqui,Chaudhry,Patel,Sharma,Iyer,Reddy,Chatterjee,Mukherjee,Subramanian,Kaur,"
    "Gill,Wang,Zhang,Li,Zhao,Huang,Xu,Liu,Nguyen,Tran,Pham,Le,Vo,Dang,Kowalczyk,Wisniewski,Zielinska,Nowak,Szymanski,Novotny,Dvorak,Svoboda,Horvat,Petrovic,Jovanovic,Ivanov,Sokolova,Shevchenko,Bondarenko,"
    "Okafor,Adeyemi,Nwosu,Mensah,Owusu,Dlamini,Nkosi,Diallo,Traore,Keita,Ndiaye,Bekele,Kamau,Odhiambo,Lindqvist,Bergstrom,Halvorsen,Kristoffersen,Virtanen,Korhonen,da Silva,dos Santos,Pereira,Carvalho,"
    "Ferreira,Teixeira,Etxeberria,Goikoetxea,Aguirre,Ibarra,Puigdevall,Ferrer i Mas,Van der Meer,van den Berg,de Vries,Janssens,de la Cruz,del Castillo,de la Fontaine,von Stetten,von der Heide,zu Hohenfels,"
    "D'Angelo,Di Marco,Esposito,Bianchi,O'Shea,O'Driscoll,MacLeod,McAllister,Fitzgerald,Llewellyn,Papadopoulos,Karagiannis,Popescu,Ionescu,Szabo,Nagy,Toth,Tanaka,Watanabe,Suzuki,Kim,Park,Choi,"
    "Muller-Brandt,Garcia-Lorente,Smith-Jones,Lefevre-Roy,Grosjean,Deschamps,Lemoine,Chevalier,Rossignol,Schulze,Krause,Vogt,Engelhardt,Zimmermann,Quintana,Escobar,Zambrano,Villanueva,Montoya,Whitfield,Ashworth,Hargreaves,Pemberton"
)
_PUBLIC = _listed(
    "Marie Curie,Albert Einstein,Isaac Newton,Charles Darwin,Ada Lovelace,Alan Turing,Nikola Tesla,Thomas Edison,Galileo "
    "Galilei,Stephen Hawking,Richard Feynman,Carl Friedrich Gauss,Leonhard Euler,Bernhard Riemann,Emmy Noether,Sigmund "
    "Freud,Karl Marx,Immanuel Kant,Friedrich Nietzsche,Jean-Paul Sartre,Simone de Beauvoir,Albert Camus,Victor Hugo,Emile "
    "Zola,Honore de Balzac,Marcel Proust,Charles Baudelaire,Jean-Jacques Rousseau,William Shakespeare,Jane Austen,Charles "
    "Dickens,Virginia Woolf,George Orwell,Agatha Christie,Ernest Hemingway,Mark Twain,Edgar Allan Poe,Emily Dickinson,Leo "
    "Tolstoy,Fyodor Dostoevsky,Anton Chekhov,Miguel de Cervantes,Federico Garcia Lorca,Gabriel Garcia Marquez,Pablo "
    "Neruda,Jorge Luis Borges,Isabel Allende,Johann Wolfgang von Goethe,Friedrich Schiller,Franz Kafka,Thomas Mann,Bertolt "
    "Brecht,Hermann Hesse,Angela Merkel,Olaf Scholz,Helmut Kohl,Willy Brandt,Konrad Adenauer,Emmanuel Macron,Francois "
    "Mitterrand,Charles de Gaulle,Nicolas Sarkozy,Marine Le Pen,Jacques Chirac,Simone Veil,Pedro Sanchez,Mariano "
    "Rajoy,Felipe Gonzalez,Barack Obama,Donald Trump,Joe Biden,Hillary Clinton,George Washington,Abraham Lincoln,John F. "
    "Kennedy,Franklin D. Roosevelt,Ronald Reagan,Martin Luther King,Rosa Parks,Malcolm X,Winston Churchill,Margaret "
    "Thatcher,Tony Blair,Boris Johnson,Queen Elizabeth,King Charles,Princess Diana,Nelson Mandela,Mahatma Gandhi,Indira "
    "Gandhi,Narendra Modi,Xi Jinping,Mao Zedong,Vladimir Putin,Mikhail Gorbachev,Joseph Stalin,Volodymyr Zelensky,Fidel "
    "Castro,Che Guevara,Simon Bolivar,Julius Caesar,Cleopatra,Alexander the Great,Napoleon Bonaparte,Genghis Khan,Joan of "
    "Arc,Leonardo da Vinci,Pablo Picasso,Vincent van Gogh,Salvador Dali,Frida Kahlo,Claude Monet,Rembrandt,Michelangelo,Andy "
    "Warhol,Wolfgang Amadeus Mozart,Ludwig van Beethoven,Johann Sebastian Bach,Frederic Chopin,Richard Wagner,Giuseppe "
    "Verdi,Elvis Presley,Michael Jackson,Madonna,Taylor Swift,Beyonce,Freddie Mercury,David Bowie,Bob Dylan,John Lennon,Paul "
    "McCartney,Mick Jagger,Edith Piaf,Johnny Hallyday,Herbert Gronemeyer,Julio Iglesias,Shakira,Rosalia,Lionel "
    "Messi,Cristiano Ronaldo,Diego Maradona,Pele,Zinedine Zidane,Kylian Mbappe,Rafael Nadal,Roger Federer,Serena "
    "Williams,Steffi Graf,Michael Schumacher,Lewis Hamilton,Michael Jordan,LeBron James,Usain Bolt,Muhammad Ali,Tiger "
    "Woods,Bill Gates,Steve Jobs,Elon Musk,Jeff Bezos,Mark Zuckerberg,Tim Cook,Sam Altman,Warren Buffett,Satya "
    "Nadella,Steven Spielberg,Alfred Hitchcock,Quentin Tarantino,Stanley Kubrick,Pedro Almodovar,Francois Truffaut,Werner "
    "Herzog,Charlie Chaplin,Marilyn Monroe,Audrey Hepburn,Tom Hanks,Meryl Streep,Leonardo DiCaprio,Brad Pitt,Angelina "
    "Jolie,Gerard Depardieu,Catherine Deneuve,Penelope Cruz,Antonio Banderas,Neil Armstrong,Yuri Gagarin,Christopher "
    "Columbus,Ferdinand Magellan,Plato,Aristotle,Socrates,Confucius,Buddha,John Maynard Keynes,Adam Smith,Milton "
    "Friedman,Noam Chomsky,Michel Foucault,Hannah Arendt,Juergen Habermas,Greta Thunberg,Malala Yousafzai,Mother "
    "Teresa,Pope Francis,Dalai Lama,Oprah Winfrey,J.K. Rowling,Stephen King,J.R.R. Tolkien,Antoine de "
    "Saint-Exupery,Alexandre Dumas,Jules Verne,Moliere,Voltaire"
)
_CHARACTERS = _listed(
    "Harry Potter,Hermione Granger,Sherlock Holmes,Doctor Watson,James Bond,Darth Vader,Luke "
    "Skywalker,Frodo,Gandalf,Batman,Spider-Man,Tony Stark,Romeo,Juliet,Hamlet,Macbeth,Don Quixote,Sancho Panza,Jean "
    "Valjean,Cosette,Madame Bovary,Asterix,Obelix,Tintin,Lucky Luke,Pippi Longstocking,Heidi,Winnie the Pooh,Alice in "
    "Wonderland,Peter Pan,Captain Hook,Robin Hood,King Arthur,Merlin,Elizabeth Bennet,Mr. Darcy,Jay Gatsby,Atticus "
    "Finch,Huckleberry Finn,Tom Sawyer,Homer Simpson,Bart Simpson,Walter White,Jon Snow,Daenerys Targaryen,Mickey "
    "Mouse,Donald Duck,Pikachu,Mario,Zelda,Lara Croft,Indiana Jones,Forrest Gump,Rocky Balboa,Dracula,Frankenstein,Doctor "
    "Faust,Mephisto,Winnetou,Siegfried,Papageno,Carmen,Figaro,Cinderella,Snow White,Hansel and Gretel"
)
_TOWNS = _listed(
    "Paris,Lyon,Marseille,Nantes,Lille,Toulouse,Berlin,Munich,Hamburg,Cologne,Leipzig,Dresden,Madrid,Barcelona,Sevilla,"
    "Valencia,Bilbao,London,Manchester,Leeds,Bristol,Glasgow,Dublin,Boston,Chicago,Denver,Seattle,Austin,Toronto,Sydney,"
    "Vienna,Zurich,Geneva,Brussels,Rome,Milan,Lisbon,Warsaw,Prague,Oslo,Stockholm,Tokyo,Mumbai,Lagos,Nairobi,Cairo,"
    "Florence,Victoria,Adelaide,Charlotte,Lima,Santiago,Georgia,Jordan,Israel,Virginia,Carolina,Santa Monica,St. Louis"
)
_FIRM_WORDS = _listed(
    "Alpine,Apex,Atlas,Aurora,Beacon,Bright,Cedar,Central,Coral,Delta,Eagle,Falcon,Global,Granite,Harbour,Helix,Horizon,"
    "Iris,Lumen,Maple,Meridian,Nexus,Nova,Ocean,Orion,Pacific,Pioneer,Prime,Quantum,River,Silver,Summit,Terra,United,Vertex"
)
_FIRM_KINDS = _listed(
    "Ltd,Inc,GmbH,AG,SA,SARL,Group,Solutions,Bank,Insurance,Hospital,Clinic,University,College,Logistics,Foods,Systems,"
    "Partners,Consulting,School,Library,Foundation,Museum"
)
_JOBS = _listed(
    "nurse,engineer,accountant,teacher,driver,cook,project manager,lawyer,developer,clerk,electrician,consultant"
)
_TOPICS = _listed(
    "inflation,democracy,quantum physics,evolution,calculus,free trade,grammar,music theory,Java,ethics,Julia,Python,"
    "Ruby,Pascal,Haskell,Rust,Kotlin,Scala,Mathematica,Excel,Photoshop,Siri,Alexa,Watson"
)
_STREETS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "{n} {w} Street, {y}",
        "{n} {w} Road, {y}",
        "Flat 2, {n} {w} Avenue, {y}",
        "{n} {w} Lane, Apt 4, {y}, OH 44{n}1",
        "PO Box {n}1, {y}",
        "{n} {w} Close\n{y}\nLS{n} 4AB",
    ),
    "fr": (
        "{n} rue de {w}, 3{n}000 {y}",
        "{n} bis, avenue {w}, 75011 {y}",
        "{n}, chemin de {w}\n69{n}0 {y}",
        "BP {n}, 4{n}00 {y} Cedex",
    ),
    "de": (
        "{w}straße {n}, 1{n}115 {y}",
        "Am {w} {n}, 50{n}4 {y}",
        "{w}weg {n}\n80{n}1 {y}",
        "Postfach {n}1, 20{n}5 {y}",
    ),
    "es": (
        "Calle {w} {n}, 2º B, 280{n} {y}",
        "Avenida de {w}, {n}, {y}",
        "Plaza {w} {n}, bajo izq., 410{n} {y}",
        "Apartado {n}1, {y}",
    ),
}
_SLOT = re.compile(r"\{\{|\}\}|\{([A-Z]\d?)\}")  # `{{` stands for a brace
_FAR = 0.25  # share of names of wide origin
_IDENTIFIERS = _listed(
    "4### #### #### ####,5###############,DE## #### #### #### #### ##,FR###############,ES## #### #### #### #### ####,"
    "+44 7### ######,+33 6 ## ## ## ##,0## #######,(###) ###-####,user##@mail.example,###-##-####,A-#######,KV ######"
)
_THINGS = {
    "B": things.BRANDS,
    "G": things.DISHES,
    "S": things.TITLES,
    "W": things.SOFTWARE,
    "M": things.BANDS,
    "V": things.SIGHTS,
}
_TITLES: Mapping[str, tuple[str, ...]] = {
    "en": ("Mr. {}", "Mrs. {}", "Ms {}", "Dr. {}", "Mr {}"),
    "fr": ("Mme {}", "M. {}", "Monsieur {}", "Madame {}", "Dr {}"),
    "de": ("Herr {}", "Frau {}", "Dr. {}", "Herrn {}"),
    "es": ("el Sr. {}", "la Sra. {}", "Don {}", "la doctora {}"),
}


class Slots:
    """Fills templates; the same seed gives the same texts. Returns the text and the spans of the private persons."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # examples, not secrets
        first, _ = read("first_names")
        last, last_ambiguous = read("surnames")
        self._first = sorted(word for word in first if len(word) > 2)
        self._last = sorted(last - last_ambiguous)

    def first(self) -> str:
        rng = self._random
        if rng.random() < _FAR:
            return rng.choice(_FAR_FIRST)
        if rng.random() < 0.7:
            return rng.choice(self._first).title()
        return rng.choice(_STEMS) + rng.choice(_FIRST_ENDINGS)

    def last(self, language: str) -> str:
        rng = self._random
        if rng.random() < _FAR:
            return rng.choice(_FAR_LAST)
        if rng.random() < 0.4:
            return rng.choice(self._last).title()
        origin = rng.choice((language, "other", "other", "en"))
        stem = rng.choice(_STEMS)
        if rng.random() < 0.3:
            stem += rng.choice(_STEMS).lower()[:2]
        name = stem + rng.choice(_SURNAME_ENDINGS[origin])
        if language == "es" and rng.random() < 0.6:
            return f"{name} {rng.choice(self._last).title()}"
        if rng.random() < 0.05:
            return f"{name}-{rng.choice(self._last).title()}"
        return rng.choice(("van ", "de ", "von ", "Al-", "O'", "Mc")) + name if rng.random() < 0.04 else name

    def fill(self, template: str, language: str) -> tuple[str, list[tuple[int, int]]]:
        """The text, and the spans (offsets) of what the slots of private persons were filled with."""
        rng, pieces, spans = self._random, list[str](), list[tuple[int, int]]()
        values = self._values(language)
        size = end = 0
        for match in _SLOT.finditer(template):
            name = match[1]
            value = values[name] if name else match[0][0]
            before = template[end : match.start()]
            size += len(before)
            if name and name[0] in "PFLT":
                spans.append((size, size + len(value)))
            pieces += (before, value)
            size += len(value)
            end = match.end()
        pieces.append(template[end:])
        text = "".join(pieces)
        case = rng.random()
        if case < 0.04:
            return text.upper(), spans
        return (text.lower() if case < 0.12 else text), spans

    def _values(self, language: str) -> dict[str, str]:
        rng = self._random
        values: dict[str, str] = {}
        for number in ("", "2", "3"):
            values |= {f"{kind}{number}": rng.choice(some) for kind, some in _THINGS.items()}
            values[f"I{number}"] = _identifier(rng)
            values[f"Z{number}"] = rng.choice(things.DAYS[language])
            first, last = self.first(), self.last(language)
            middle = f" {rng.choice('ABCDEFGHJKLMNPRSTW')}." if rng.random() < 0.12 else ""
            values |= {
                f"P{number}": _full(rng, first, middle, last),
                f"F{number}": first,
                f"L{number}": last,
                f"T{number}": rng.choice(_TITLES[language]).format(last),
                f"U{number}": rng.choice(_PUBLIC),
                f"C{number}": rng.choice(_CHARACTERS),
                f"K{number}": rng.choice(self._first).title(),
                f"O{number}": f"{rng.choice(_FIRM_WORDS)} {rng.choice(_FIRM_KINDS)}",
                f"Y{number}": rng.choice(_TOWNS),
                f"N{number}": str(rng.randint(2, 89)),
                f"J{number}": rng.choice(_JOBS),
                f"X{number}": rng.choice(_TOPICS),
                f"D{number}": f"{rng.randint(1, 28)}.{rng.randint(1, 12)}.20{rng.randint(10, 25)}",
                f"A{number}": rng.choice(_STREETS[language]).format(
                    n=rng.randint(2, 99), w=rng.choice(self._last).title(), y=rng.choice(_TOWNS)
                ),
            }
        return values


def _full(rng: random.Random, first: str, middle: str, last: str) -> str:
    """As most people write it, with an initial, or the family name first."""
    way = rng.random()
    if way < 0.9:
        return f"{first}{middle} {last}"
    if way < 0.94:
        return f"{first} {last[0]}."
    if way < 0.96:
        return f"{first[0]}. {last}"
    return f"{last}, {first}" if way < 0.98 else f"{last.upper()} {first}"


def _identifier(rng: random.Random) -> str:
    """The form of a card, an account, a telephone number or a file; none is anybody's."""
    form = rng.choice(_IDENTIFIERS)
    return "".join(str(rng.randint(0, 9)) if sign == "#" else sign for sign in form)
