# ruff: noqa: E501  # lists
"""What else is written with a capital: brands, dishes, titles, software, streets. Many of them look like persons' names."""

from __future__ import annotations


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


BRANDS = _listed(
    "Mercedes,Ford Fiesta,Renault Clio,Seat Leon,Skoda Octavia,Opel Corsa,Fiat Panda,Dacia Duster,Volkswagen Polo,Tesla,Honda Jazz,Harley Davidson,"
    "Louis Vuitton,Hugo Boss,Calvin Klein,Tommy Hilfiger,Ralph Lauren,Yves Rocher,Christian Dior,Marc Jacobs,Levi Strauss,Adidas,Lacoste,Mango,Zara,"
    "Dr. Oetker,Ben & Jerry's,Jack Daniel's,Johnnie Walker,Jim Beam,Captain Morgan,Uncle Ben's,Mr. Clean,Sarah Lee,Wendy's,McDonald's,Tim Hortons,Haribo,Milka,"
    "Bosch,Siemens,Miele,Philips,Braun,Dyson,Kenwood,Moulinex,Tefal,Rowenta,Taurus,Kindle,Galaxy Fold,Pixel,iPad Air,Surface Pro,Roomba,Fitbit Charge,Garmin Forerunner,"
    "Ikea Billy,Dell Latitude,Lenovo Yoga,Canon,Nikon,Bose,Marshall,Fender,Gibson,Steinway,Wilson,Carrefour,Leclerc,Aldi,Lidl,Walmart,Costco,El Corte Ingles,Decathlon,Lufthansa,Ryanair,Iberia"
)
DISHES = _listed(
    "Caesar Salad,Beef Stroganoff,Chicken Tikka,Pad Thai,Eggs Benedict,Peach Melba,Pavlova,Victoria Sponge,Shepherd's Pie,Cottage Pie,Tiramisu,Panna Cotta,Osso Buco,Spaghetti Carbonara,"
    "Pizza Margherita,Moussaka,Tzatziki,Baklava,Couscous,Ratatouille,Quiche Lorraine,Tarte Tatin,Bouillabaisse,Clafoutis,Coq au Vin,Croque Monsieur,Paella Valenciana,Gazpacho,Tortilla,"
    "Crema Catalana,Fabada,Sauerbraten,Kaiserschmarrn,Sachertorte,Wiener Schnitzel,Spaetzle,Kartoffelsalat,Labskaus,Borscht,Pierogi,Sushi,Ramen,Bibimbap,Guacamole,Earl Grey,Bloody Mary,Tom Collins,Margarita"
)
TITLES = _listed(
    "Silent Harbour,The Glass Garden,Rebecca,Emma,Oliver Twist,Anna Karenina,Jane Eyre,Madame Bovary,Mrs Dalloway,Billie Jean,Jolene,Roxanne,Hey Jude,Angie,Layla,Michelle,Lucille,Valerie,Gloria,Amelie,"
    "Thelma and Louise,Forrest Gump,Kill Bill,John Wick,Erin Brockovich,Donnie Darko,Jackie Brown,Annie Hall,Harold and Maude,Billy Elliot,Effi Briest,Nathan der Weise,Nils Holgersson,Die Leiden des jungen Werther,"
    "Cyrano de Bergerac,Les Trois Mousquetaires,Germinal,Dona Rosita,Fortunata y Jacinta,La Casa de Papel,Winter Light,Blue Valley,Golden Road,Northern Lights,The Last Summer,Old Friends,Paper Moon,Broken Strings"
)
SOFTWARE = _listed(
    "Pandas,Jenkins,Ada,Julia,Django,Flask,Laravel,Ruby on Rails,Jupyter,Apache Kafka,Cassandra,Ansible,Terraform,Grafana,Prometheus,Jira,Confluence,Trello,Slack,Notion,Figma,Docker,Kubernetes,Redis,"
    "Gitlab,Travis,Maven,Gradle,Angular,React,Vue,Svelte,Alpine,Debian,Bourne Shell,Markdown,Wordpress,Magento,Salesforce,Hadoop,Spark,Elixir,Erlang,Scala,Clojure,Eiffel,Pascal,Delphi,Oracle,Maria DB,Mongo,Siri,Alexa,Cortana,Bixby,Claude,Gemini,Watson,Stata,Lotus Notes"
)
BANDS = _listed(
    "Radiohead,Coldplay,Metallica,Nirvana,Oasis,Blur,Pink Floyd,Led Zeppelin,Iron Maiden,Jethro Tull,Lynyrd Skynyrd,Daft Punk,Indochine,Rammstein,Die Toten Hosen,Kraftwerk,Scorpions,Mecano,Heroes del Silencio,"
    "The Velvet Foxes,Simon and Garfunkel,Hall and Oates,Fleetwood Mac,Belle and Sebastian,Florence and the Machine,Alice Cooper,Marilyn Manson,Franz Ferdinand,Dexys,Steely Dan,Uriah Heep,Molly Hatchet"
)
SIGHTS = _listed(
    "Eiffel Tower,Sagrada Familia,Brandenburg Gate,Notre Dame,Westminster Abbey,St. Paul's Cathedral,Saint Peter's Square,Mount Rushmore,Lake Victoria,Mount Elbert,Cape Horn,Hudson River,Barents Sea,Bering Strait,"
    "Charles de Gaulle Airport,John F. Kennedy Airport,Gare Saint-Lazare,Place Victor Hugo,Boulevard Voltaire,Rue Victor Hugo,Karl-Marx-Allee,Willy-Brandt-Platz,Goethestrasse,Schillerplatz,Calle Cervantes,"
    "Plaza Colon,Paseo de Gracia,Martin Luther King Boulevard,Lincoln Center,Rockefeller Center,Madison Square Garden,Wembley Stadium,Stade de France,Camp Nou,Louvre,Prado,Hermitage,Guggenheim Museum,Anne Frank House,San Francisco,Santa Barbara,Sankt Gallen,Saint Tropez,San Sebastian,Alice Springs,Port Elizabeth"
)
DAYS: dict[str, tuple[str, ...]] = {
    "en": _listed("Monday,Tuesday,Friday,Easter Sunday,April,May,June,August,Boxing Day,Thanksgiving,New Year's Eve"),
    "fr": _listed("lundi,Mardi gras,Pâques,la Toussaint,Noël,le Nouvel An,mai,août"),
    "de": _listed("Montag,Dienstag,Freitag,Ostern,April,Mai,August,Heiligabend,Silvester,Pfingsten"),
    "es": _listed("lunes,Semana Santa,Navidad,Nochevieja,Reyes,mayo,agosto"),
}
