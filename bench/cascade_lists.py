"""Closed lists that the tasks of the cascade's benchmark draw from."""

from __future__ import annotations

from typing import Final

NAMES: Final = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Karla", "Leo")
THINGS: Final = ("apples", "marbles", "books", "coins", "stamps", "plates", "cups", "chairs", "candles", "maps")
PLACES: Final = ("hotel", "restaurant", "shop", "film", "book", "phone")
MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
CAPITALS: Final = (
    ("France", "Paris"),
    ("Germany", "Berlin"),
    ("Spain", "Madrid"),
    ("Italy", "Rome"),
    ("Japan", "Tokyo"),
    ("Norway", "Oslo"),
    ("Poland", "Warsaw"),
    ("Egypt", "Cairo"),
    ("Kenya", "Nairobi"),
    ("Peru", "Lima"),
    ("Portugal", "Lisbon"),
    ("Greece", "Athens"),
    ("Austria", "Vienna"),
    ("Hungary", "Budapest"),
    ("Finland", "Helsinki"),
    ("Canada", "Ottawa"),
    ("Turkey", "Ankara"),
    ("Mongolia", "Ulaanbaatar"),
    ("Bulgaria", "Sofia"),
    ("Ghana", "Accra"),
    ("Uruguay", "Montevideo"),
    ("Latvia", "Riga"),
    ("Nepal", "Kathmandu"),
    ("Cuba", "Havana"),
    ("Morocco", "Rabat"),
    ("Australia", "Canberra"),
    ("Iceland", "Reykjavik"),
    ("Vietnam", "Hanoi"),
)
OPPOSITES: Final = (
    ("hot", "cold"),
    ("big", "small"),
    ("fast", "slow"),
    ("early", "late"),
    ("full", "empty"),
    ("light", "dark"),
    ("open", "closed"),
    ("north", "south"),
    ("buy", "sell"),
    ("win", "lose"),
    ("strong", "weak"),
    ("wet", "dry"),
    ("push", "pull"),
    ("rich", "poor"),
    ("young", "old"),
    ("deep", "shallow"),
)
WORDS_ABROAD: Final = (
    ("dog", "chien", "Hund", "perro"),
    ("house", "maison", "Haus", "casa"),
    ("water", "eau", "Wasser", "agua"),
    ("book", "livre", "Buch", "libro"),
    ("red", "rouge", "rot", "rojo"),
    ("bread", "pain", "Brot", "pan"),
    ("tree", "arbre", "Baum", "árbol"),
    ("night", "nuit", "Nacht", "noche"),
    ("milk", "lait", "Milch", "leche"),
    ("friend", "ami", "Freund", "amigo"),
    ("school", "école", "Schule", "escuela"),
    ("cheese", "fromage", "Käse", "queso"),
)
KINDS: Final = (
    ("fruit", ("apple", "pear", "cherry", "mango", "plum", "banana")),
    ("animal", ("dog", "horse", "eagle", "salmon", "frog", "spider")),
    ("tool", ("hammer", "saw", "drill", "wrench", "chisel", "pliers")),
    ("country", ("Brazil", "Chile", "India", "Sweden", "Mexico", "Austria")),
)
PASTS: Final = (
    ("go", "went"),
    ("see", "saw"),
    ("take", "took"),
    ("write", "wrote"),
    ("buy", "bought"),
    ("run", "ran"),
    ("think", "thought"),
    ("speak", "spoke"),
    ("bring", "brought"),
    ("swim", "swam"),
    ("teach", "taught"),
    ("fly", "flew"),
    ("walk", "walked"),
    ("play", "played"),
    ("choose", "chose"),
    ("begin", "began"),
    ("drive", "drove"),
    ("catch", "caught"),
)
PHRASES: Final = {
    "French": ("Le chat dort sur la chaise.", "Je voudrais un café.", "Où est la gare ?", "Il pleut depuis ce matin."),
    "German": ("Die Katze schläft auf dem Stuhl.", "Ich möchte einen Kaffee.", "Wo ist der Bahnhof?", "Es regnet."),
    "Spanish": ("El gato duerme en la silla.", "Quisiera un café.", "¿Dónde está la estación?", "Llueve desde ayer."),
    "Italian": ("Il gatto dorme sulla sedia.", "Vorrei un caffè.", "Dov'è la stazione?", "Piove da stamattina."),
    "Dutch": ("De kat slaapt op de stoel.", "Ik wil graag een koffie.", "Waar is het station?", "Het regent al uren."),
}
REVIEWS: Final = {
    "positive": (
        "I loved every minute of it.",
        "We will certainly come back.",
        "It was better than I had hoped.",
        "Nothing went wrong at all.",
        "Worth every cent.",
        "I have told all my friends about it.",
    ),
    "negative": (
        "I want my money back.",
        "It broke on the first day.",
        "We left early and hungry.",
        "Nobody answered when I complained.",
        "I expected far more for the price.",
        "Never again.",
    ),
}
COLOURS: Final = (
    ("grass", "green"),
    ("snow", "white"),
    ("coal", "black"),
    ("a ripe banana", "yellow"),
    ("blood", "red"),
    ("a clear sky at noon", "blue"),
    ("a lemon", "yellow"),
    ("milk", "white"),
    ("a fire engine", "red"),
    ("spinach", "green"),
    ("a raven", "black"),
    ("a carrot", "orange"),
    ("a polar bear", "white"),
    ("a frog", "green"),
)
YOUNG: Final = (
    ("dog", "puppy"),
    ("cat", "kitten"),
    ("cow", "calf"),
    ("sheep", "lamb"),
    ("horse", "foal"),
    ("duck", "duckling"),
    ("lion", "cub"),
    ("frog", "tadpole"),
    ("goose", "gosling"),
    ("kangaroo", "joey"),
    ("deer", "fawn"),
    ("hen", "chick"),
)
