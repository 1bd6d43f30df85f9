"""Generated French in every code page, read back: `python -m tests.encodings [TEXTS] [SEED]` prints a table.

Names of people and places that no word list of the product holds, in lines of an export; the table tells how many
texts were read right, refused, or read wrong (never one). docs/encodages.md keeps its figures. Does not live here: the
few of them that every run of the tests tries (tests/unit/ingestion/test_codepages.py).
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator

from ingestion.decode import decode
from ingestion.refusal import Refusal

SIZES = (1, 2, 5, 10, 30, 100, 1_000, 10_000)
CODE_PAGES = ("cp1252", "iso8859_15", "cp850", "cp437", "mac_roman", "utf-8", "utf-8 deux fois")
NAMES = [
    "Bécassine", "Trévidic", "Lemaître", "Thévenot", "Desprès", "Lenôtre", "Bâcle", "Françon", "Plaçais", "Maïté",
    "Gérôme", "Hénaff", "Kérouédan", "Cléguérec", "Plouënan", "Guéguen", "Théréné", "Dessaîx", "Beaupré", "Préaux",
    "Vézelay", "Courrèges", "Delâtre", "Mégret", "Béchir", "Créquy", "Fénéon", "Gérin", "Héricourt", "Jégou",
    "Lévêque", "Méhat", "Nédélec", "Péguy", "Quéré", "Sénéchal", "Tézenas", "Védrines", "Zénobe", "Chrétien",
    "Bréchet", "Drézet", "Frémeaux", "Gélis", "Lafère", "Lacépède", "Marès", "Noyères", "Clavières", "Saunières",
    "Bussières", "Montfrère", "Larivière", "Ferrière", "Crémieux", "Brégançon", "Alençon", "Besançon", "Luçon",
    "Arçais", "Mâchecoul", "Châteauneuf", "Blâmont", "Côme", "Côtat", "Rôdez", "Gîvres", "Rêvel", "Prêtot",
    "Chênois", "Hêtraies", "Noëllet", "Loïck", "Anaëlle", "Azéma", "Bréal", "Cérons", "Déols", "Érôme",
    "Étrépagny", "Évry", "Écully", "Égletons", "Élancourt", "Épône", "Grâce", "Piégut", "Sâles", "Fûtel",
    "Buchère", "Pélissier", "Rénier", "Ségur", "Tréboul", "Vénard", "Yvré", "Zérah", "Aubépin", "Bréziers",
    "Cévennes",
]  # fmt: skip
PLACES = [
    "Médiathèque", "Bibliothèque", "École", "Mairie", "Théâtre", "Café numérique", "Espace public numérique",
    "Maison des solidarités", "Accès libre", "Pôle emploi", "Hôtel de ville", "Régie de quartier", "Foyer", "Centre",
    "Point d'accès", "Église", "Crèche", "Cinémathèque", "Université", "Îlot", "Forêt", "Gymnase", "Association",
]  # fmt: skip
PLAIN = [
    "atelier", "maison", "quartier", "espace", "point", "accueil", "association", "centre", "social", "bureau",
    "salle", "permanence",
]  # fmt: skip
SIGNS = [
    "l’accès", "n° {n}", "d’été", "« {w} »", "10 €", "{w} – {w}", "{w}… {w}", "“{w}”", "à {N}", "m²", "où ?",
    "l’école", "1 200 €", "Cœur de {N}", "Œuvre {N}", "l'Haÿ", "½ journée",
]  # fmt: skip
# What an export writes for a sign that its code page lacks.
_NEAREST = {"’": "'", "–": "-", "…": "...", "“": "'", "”": "'", "œ": "oe", "Œ": "OE", "€": "EUR", "²": "2", "½": "1/2"}


def make_text(chance: random.Random, lines: int) -> str:
    """Lines of an export: names and places, in small letters, capitals or both."""
    upper, named, signed = chance.choice([0, 0, 0.1, 1]), chance.choice([0.3, 1]), chance.choice([0, 0.3])
    rows = ["id_utilisation;nom_lieu;montant"]
    for number in range(lines):
        words = []
        if chance.random() < 0.6:
            words.append(chance.choice(PLACES if chance.random() < 0.5 else PLAIN))
        if chance.random() < named:
            words.append(chance.choice(NAMES if chance.random() < 0.8 else PLAIN))
        if chance.random() < signed:
            sign = chance.choice(SIGNS)
            words.append(sign.format(n=number, w=chance.choice(PLAIN), N=chance.choice(NAMES)))
        text = " ".join(words)
        rows.append(f"U-{number};{text.upper() if chance.random() < upper else text};10,00")
    return "\n".join(rows) + "\n"


def encode(text: str, code_page: str) -> tuple[str, bytes]:
    """The text as that code page can write it, and its bytes."""
    if code_page == "utf-8 deux fois":
        once = text.encode().decode("cp1252", errors="replace")
        return once, once.encode()
    written = "".join(_writable(c, code_page) for c in text)
    return written, written.encode(code_page)


def _writable(c: str, code_page: str) -> str:
    try:
        c.encode(code_page)
    except UnicodeEncodeError:
        return _NEAREST.get(c) or _bare(c)
    return c


def _bare(c: str) -> str:
    plain = dict(zip("ÀÂÈÊËÎÏÔÙÛŸÿ", "AAEEEIIOUUYy", strict=True))
    return plain.get(c, "?")


def read_back(texts: int, size: int, code_page: str, seed: int) -> Iterator[tuple[str, str, str]]:
    """How each text with an accent ended (`juste`, `refusé`, `faux`), as written and as read."""
    chance = random.Random(f"{seed}-{code_page}-{size}")
    for _ in range(texts):
        written, data = encode(make_text(chance, size), code_page)
        if data.isascii():
            continue
        try:
            found = decode(data).data.decode()
        except Refusal:
            yield "refusé", written, ""
            continue
        yield ("juste" if found == written else "faux"), written, found


def main(arguments: list[str]) -> int:
    """Print the table, in French; 1 when a text was read wrong."""
    texts = int(arguments[0]) if arguments else 400
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    sys.stdout.write("| encodage | lignes | textes | justes | refusés | faux |\n|---|---:|---:|---:|---:|---:|\n")
    wrong = 0
    for code_page in CODE_PAGES:
        for size in SIZES:
            number = max(10, texts if size <= 100 else texts * 100 // size)
            ends = Counter(end for end, *_ in read_back(number, size, code_page, seed))
            told = [ends[name] for name in ("juste", "refusé", "faux")]
            wrong += ends["faux"]
            cells = " | ".join(str(n) for n in (sum(told), *told))
            sys.stdout.write(f"| {code_page} | {size} | {cells} |\n")
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
