# ruff: noqa: E501  # lists
"""Records: fields with a key, as JSON, YAML, CSV, a query or a form. The key says whether the value is somebody's name.

Templates for `Slots`, put together at random. Written for this project, CC0.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

Field = tuple[str, str]
"""Key, and the slot of the value."""


class _Keys(NamedTuple):
    persons: tuple[Field, ...]
    things: tuple[Field, ...]


def _fields(text: str) -> tuple[Field, ...]:
    """`key slot, key slot …`; in a key, `_` stands as it is."""
    pairs = (pair.rsplit(" ", 1) for pair in text.split(","))
    return tuple((key, f"{{{slot}}}") for key, slot in pairs)


_NEUTRAL = _fields(
    "id N,total N,status +open,currency +EUR,unit +Celsius,type +Standard,language +French,mode +Fast,color +Blue"
)
_KEYS: Mapping[str, _Keys] = {
    "en": _Keys(
        _fields(
            "name P,full_name P,customer P,customer_name P,patient P,patient_name P,client P,employee P,contact P,contact_name P,first_name F,last_name L,surname L,"
            "given_name F,tenant P,owner P,account_holder P,recipient P,beneficiary P,sender P,to P,from P,cc P,attendee P,manager P,supervisor P,reported_by P,assignee P,"
            "requested_by P,doctor T,next_of_kin P,emergency_contact P,guardian P,spouse F,applicant P,candidate P,student P,teacher T,driver P,passenger P,guest P,"
            "policyholder P,claimant P,witness P,signatory P,cardholder P,user P,display_name P,member P,caller P,visitor P,billing_name P,"
            "first F,last L,fname F,lname L,given F,family L,family_name L,firstname F,lastname L,person P,who P,resident P,payee P,payer P,holder P,heir P,parent P,mother P,father P,"
            "child F,son F,daughter F,partner P,lawyer T,nurse F,physician T,buyer P,seller P,lessee P,victim P,suspect P,defendant P,signed_by P,approved_by P,customer F"
        ),
        _fields(
            "city Y,location Y,destination Y,origin Y,from_city Y,to_city Y,place Y,region Y,airport V,landmark V,street V,artist M,band M,song S,title S,book S,movie S,track S,"
            "album S,author U,director U,actor U,singer U,composer U,president U,character C,hero C,product B,brand B,model B,item B,vendor O,company O,organization O,employer O,"
            "school O,publisher O,restaurant O,dish G,recipe G,cuisine G,ingredient G,tool W,framework W,library W,package W,software W,language W,topic X,subject X,query U,search B,"
            "keyword W,team Y,club Y,day Z,month Z,holiday Z,capital Y,station V,venue V,genre X,category X,department O"
        ),
    ),
    "fr": _Keys(
        _fields(
            "nom P,nom_complet P,client P,patient P,salarié P,employé P,contact P,prénom F,nom_de_famille L,locataire P,propriétaire P,titulaire P,destinataire P,bénéficiaire P,"
            "expéditeur P,participant P,responsable P,signalé_par P,médecin T,personne_à_prévenir P,tuteur P,conjoint F,candidat P,élève P,professeur T,conducteur P,passager P,assuré P,témoin P,signataire P,"
            "personne P,conjointe P,mère P,père P,enfant F,avocat T,infirmière F,vendeur P,acheteur P,bailleur P,prévenu P,victime P,signé_par P,prenom F,identité P,usager P,adhérent P"
        ),
        _fields(
            "ville Y,lieu Y,destination Y,départ Y,arrivée Y,région Y,aéroport V,monument V,rue V,artiste M,groupe M,chanson S,titre S,livre S,film S,album S,auteur U,réalisateur U,acteur U,"
            "compositeur U,personnage C,produit B,marque B,modèle B,article B,société O,entreprise O,école O,éditeur O,restaurant O,plat G,recette G,outil W,logiciel W,langage W,sujet X,matière X,équipe Y,jour Z,fête Z,gare V,genre X"
        ),
    ),
    "de": _Keys(
        _fields(
            "name P,vollständiger_name P,kunde P,kundin P,patient P,mitarbeiter P,ansprechpartner P,vorname F,nachname L,familienname L,mieter P,eigentümer P,kontoinhaber P,empfänger P,"
            "begünstigter P,absender P,teilnehmer P,vorgesetzter P,gemeldet_von P,bearbeiter P,arzt T,notfallkontakt P,vormund P,ehepartner F,bewerber P,schüler P,lehrer T,fahrer P,fahrgast P,versicherter P,zeuge P,unterzeichner P,"
            "person P,partner P,mutter P,vater P,kind F,anwalt T,pfleger F,käufer P,verkäufer P,vermieter P,beschuldigter P,opfer P,unterschrieben_von P,rufname F,bewohner P,mitglied P,halter P"
        ),
        _fields(
            "stadt Y,ort Y,ziel Y,start Y,region Y,flughafen V,sehenswürdigkeit V,straße V,künstler M,band M,lied S,titel S,buch S,film S,album S,autor U,regisseur U,schauspieler U,komponist U,"
            "figur C,produkt B,marke B,modell B,artikel B,firma O,unternehmen O,schule O,verlag O,restaurant O,gericht G,rezept G,werkzeug W,software W,sprache W,thema X,fach X,verein Y,tag Z,feiertag Z,bahnhof V,genre X"
        ),
    ),
    "es": _Keys(
        _fields(
            "nombre P,nombre_completo P,cliente P,paciente P,empleado P,contacto P,nombre_de_pila F,apellidos L,apellido L,inquilino P,propietario P,titular P,destinatario P,beneficiario P,"
            "remitente P,asistente P,responsable P,reportado_por P,médico T,contacto_de_emergencia P,tutor P,cónyuge F,candidato P,alumno P,profesor T,conductor P,pasajero P,asegurado P,testigo P,firmante P,"
            "persona P,pareja P,madre P,padre P,hijo F,abogado T,enfermera F,comprador P,vendedor P,arrendador P,acusado P,víctima P,firmado_por P,residente P,socio P,usuario P,primer_apellido L"
        ),
        _fields(
            "ciudad Y,lugar Y,destino Y,origen Y,región Y,aeropuerto V,monumento V,calle V,artista M,grupo M,canción S,título S,libro S,película S,álbum S,autor U,director U,actor U,compositor U,"
            "personaje C,producto B,marca B,modelo B,artículo B,empresa O,compañía O,colegio O,editorial O,restaurante O,plato G,receta G,herramienta W,software W,lenguaje W,tema X,asignatura X,equipo Y,día Z,fiesta Z,estación V,género X"
        ),
    ),
}
_COPIES = 1_100  # records of one language
_SHAPES = ("json", "json", "json", "bare", "yaml", "csv", "query", "form", "form", "python")


def records(seed: int) -> Iterator[tuple[str, str, bool, str]]:
    """Templates: the text, its language, whether it holds a person, and the key that stands first: its group."""
    chance = random.Random(seed)  # noqa: S311  # examples, not secrets
    for language, keys in _KEYS.items():
        for number in range(_COPIES):
            private = number % 2 == 0
            fields = [chance.choice(keys.persons if private else keys.things)]
            others = chance.randint(0, 3)
            fields += chance.sample(keys.things, others) if chance.random() < 0.7 else []
            fields += chance.sample(_NEUTRAL, chance.randint(0, 2))
            group = fields[0][0]
            shape = chance.choice(_SHAPES)
            if shape == "bare":
                del fields[1:]
            chance.shuffle(fields)
            yield _written(chance, shape, _numbered(fields)), language, private, group


def _numbered(fields: Sequence[Field]) -> list[Field]:
    """The second value of a kind differs from the first."""
    seen: dict[str, int] = {}
    found = []
    for key, slot in fields:
        if slot.startswith("{+"):
            found.append((key, slot[2:-1]))
            continue
        seen[slot] = number = seen.get(slot, 0) + 1
        found.append((key, slot if number == 1 else f"{slot[:-1]}{min(number, 3)}}}"))
    return found


def _written(chance: random.Random, shape: str, fields: Sequence[Field]) -> str:
    style = chance.choice((str, str, str.title, str.upper, _camel, _spaced))
    named = [(style(key), value) for key, value in fields]
    match shape:
        case "json":
            gap, space = chance.choice(((", ", " "), (",", ""), (",\n  ", " ")))
            return "{{" + gap.join(f'"{key}":{space}"{value}"' for key, value in named) + "}}"
        case "yaml":
            return "\n".join(f"{key}: {value}" for key, value in named)
        case "csv":
            sign = chance.choice((",", ";", "\t"))
            return sign.join(key for key, _ in named) + "\n" + sign.join(value for _, value in named)
        case "query":
            return "&".join(f"{key}={value}" for key, value in named)
        case "python":
            return (
                f"{chance.choice(('create', 'get', 'search', 'book', 'find'))}("
                + ", ".join(f'{key}="{value}"' for key, value in named)
                + ")"
            )
        case "form":
            return "\n".join(f"{key.replace('_', ' ').capitalize()}: {value}" for key, value in fields)
        case _:
            key, value = fields[0]
            return f"{key.replace('_', ' ')}: {value}"


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(map(str.title, rest))


def _spaced(key: str) -> str:
    return key.replace("_", " ")
