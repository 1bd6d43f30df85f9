"""Who acts: prescribers, lieux, the catalogue of services, with names that nobody can take for real ones.

Grain: one row a structure. Does not live here: what they do (prescriptions, visits).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from programme.config import Programme
from simulation.working_days import day_number, month_end

#: type, name, preposition kept with it, share of the territories that have one, weight in the stock.
_PRESCRIBERS = (
    ("ccas", "CCAS fictif de", 1.0, 4.0),
    ("mairie", "Accueil fictif de la mairie de", 1.0, 2.5),
    ("france_travail", "Agence d'essai France Travail de", 0.75, 3.0),
    ("mission_locale", "Mission locale fictive de", 0.65, 2.0),
    ("france_services", "Espace France services fictif de", 0.5, 1.5),
    ("association", "Association imaginaire de", 0.7, 1.0),
    ("bailleur", "Bailleur social fictif de", 0.4, 0.7),
    ("autre", "Structure d'essai de", 0.2, 0.4),
)
_TYPOLOGIES = ("EPN", "BIB", "CS", "ASSO", "MJC", "TIERS_LIEUX", "CCAS", "MUNI", "FABLAB", "PIMMS")
_KINDS = (
    "Espace numérique",
    "Médiathèque",
    "Centre social",
    "Atelier associatif",
    "Maison des jeunes",
    "Tiers-lieu",
    "CCAS",
    "Espace municipal",
    "Fablab",
    "Point d'accueil",
)
_STREETS = ("rue de l'Exemple", "place de la Simulation", "avenue du Jeu d'essai", "allée de la Démonstration")
_HOURS = (
    "Mo-Fr 09:00-12:30,14:00-18:00",
    "Tu-Sa 10:00-18:30",
    "Mo,We,Fr 09:30-17:30",
    "Mo-Th 09:00-12:00,13:30-17:00",
)
_STANDARD_SERVICES = (
    "Aide aux démarches administratives",
    "Maîtrise des outils numériques du quotidien",
    "Insertion professionnelle via le numérique",
    "Utilisation sécurisée du numérique",
    "Parentalité et éducation avec le numérique",
    "Compréhension du monde numérique",
    "Accès internet et matériel informatique",
)
_PUBLICS = ("", "Seniors", "Jeunes", "Jeunes|Familles et/ou enfants", "Seniors|Femmes")
_CARE = ("", "", "Illettrisme", "Langues étrangères (anglais)", "Handicaps moteurs|Illettrisme")
_SCHEMES = ("", "", "France Services", "Conseillers numériques", "Aidants Connect|Conseillers numériques")

#: code, libelle, modalite, duree_minutes, nb_pass, niveau (catalogue); then passes taken and collective or not.
SERVICES = (
    ("SAN-01", "Premiers pas à l'ordinateur (fictif)", "individuel", 35, 1, "decouvrir", 1, False),
    ("SAN-02", "Découvrir la messagerie (fictif)", "collectif", 40, 1, "decouvrir", 1, True),
    ("SAN-03", "Ateliers découverte du téléphone (fictif)", None, 40, 1, "decouvrir", 1, True),
    ("SAN-04", "Démarches en ligne, pas à pas (fictif)", "individuel", 50, 2, "maitriser", 2, False),
    ("SAN-05", "Naviguer en sécurité (fictif)", "collectif", 60, 2, "maitriser", 2, True),
    ("SAN-06", "Traitement de texte (fictif)", "collectif", 55, None, "maitriser", 2, True),
    ("SAN-07", "Rechercher un emploi en ligne (fictif)", "individuel", 65, 3, "maitriser", 3, False),
    ("SAN-08", "Suivre la scolarité de son enfant (fictif)", "collectif", 85, 3, None, 3, True),
    ("SAN-09", "Créer avec le numérique (fictif)", "collectif", 85, 3, "augmenter", 3, True),
    ("SAN-10", "Parcours personnalisé (fictif)", "individuel", 80, 4, "augmenter", 4, False),
    ("SAN-11", "Atelier long de projet (fictif)", "collectif", 110, 4, "augmenter", 4, True),
    ("SAN-12", "Préparer une certification (fictif)", "collectif", 105, 4, "augmenter", 4, True),
)


def luhn_digits(body: np.ndarray, length: int) -> np.ndarray:
    """The check digit that makes `body` (of `length` digits, as integers) pass the Luhn check."""
    total = np.zeros(len(body), dtype=np.int64)
    rest = body.astype(np.int64)
    for position in range(length):
        digit = rest % 10
        rest //= 10
        doubled = digit * 2
        total += np.where(position % 2 == 0, doubled - 9 * (doubled > 9), digit)
    return (10 - total % 10) % 10


def make_sirets(first: int, count: int, lead: str) -> list[str]:
    """SIRETs that hold (SIREN and SIRET keys) and that show they are invented: they begin with 999 or 000."""
    siren = int(lead) * 10**5 + first + np.arange(count)
    siren = siren * 10 + luhn_digits(siren, 8)
    siret = siren * 10**4 + 1
    siret = siret * 10 + luhn_digits(siret, 13)
    return pl.Series(siret).cast(pl.String).str.zfill(14).to_list()


@dataclass(frozen=True)
class Structures:
    """The people's counters and workshops. `prescribers`, `lieux`, `services`: one row each.

    prescribers: siret, nom, type, territory (position among the programme's), weight.
    lieux: the columns of the standard, then territory (-1 outside the 34), opens, closes (day numbers,
    closes far away when it never does), workshop_weekday (0 = Monday).
    """

    prescribers: pl.DataFrame
    lieux: pl.DataFrame
    services: pl.DataFrame


def _of(name: str) -> str:
    """« fictif de Le Bourget » is no French: « du », « des », « d' »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return ("d'" if name[0] in "AEÉIÎOUYH" else "de ") + name


def _named(prefix: str, name: str) -> str:
    return prefix.removesuffix("de") + _of(name)


def make_prescribers(programme: Programme, rng: np.random.Generator) -> pl.DataFrame:
    """Grain: one prescriber. Every territory has its CCAS and its town hall."""
    kept = [
        (kind, _named(prefix, territory.nom), index, weight * rng.uniform(0.6, 1.5))
        for index, territory in enumerate(programme.territories)
        for kind, prefix, share, weight in _PRESCRIBERS
        if rng.random() < share
    ]
    return pl.DataFrame(
        {
            "siret": make_sirets(70_000, len(kept), "999"),
            "nom": [name for _, name, _, _ in kept],
            "type": [kind for kind, _, _, _ in kept],
            "territory": [index for _, _, index, _ in kept],
            "weight": [weight for _, _, _, weight in kept],
        }
    )


def make_services() -> pl.DataFrame:
    """Grain: one service of the catalogue (exports §1 services), then `passes`, `is_collective`."""
    names = ["code_service", "libelle", "modalite", "duree_minutes", "nb_pass", "niveau"]
    names += ["passes", "is_collective"]
    return pl.DataFrame(list(SERVICES), schema=names, orient="row")


def make_lieux(programme: Programme, last: date, rng: np.random.Generator) -> pl.DataFrame:
    """Grain: one lieu, about `lieux_target` of them; two stand outside the participating territories."""
    communes = {c.code_insee: c for c in programme.communes}
    inside = [communes[t.code_insee] for t in programme.territories]
    outside = [c for c in programme.communes if c.code_insee not in {t.code_insee for t in programme.territories}]
    total = max(programme.lieux_target + 2, len(inside))
    people = np.array([c.population_municipale for c in inside], dtype=float) ** 0.7
    extra = rng.multinomial(total - len(inside), people / people.sum())
    territory = np.repeat(np.arange(len(inside)), 1 + extra)
    neighbours = [outside[i] for i in rng.permutation(len(outside))[:2]]
    territory = np.append(territory, np.full(len(neighbours), -1))
    where = [inside[i] for i in territory if i >= 0] + neighbours
    count = len(where)
    is_main = np.append(True, territory[1:] != territory[:-1])
    entry = np.array([day_number(t.date_entree) for t in programme.territories] or [0])
    opens = np.where(territory >= 0, entry[territory], entry.min()) + rng.integers(5, 45, count)
    closes = np.full(count, day_number(date(2099, 12, 31)))
    leaving = rng.permutation(np.flatnonzero(~is_main & (territory >= 0)))[: max(1, count // 20)]
    closes[leaving] = day_number(last) - rng.integers(60, 400, len(leaving))
    kind = rng.integers(0, len(_KINDS), count)
    number = np.arange(1, count + 1)
    zeros = number % 3 == 0
    sirets = np.where(zeros, make_sirets(40_000, count, "000"), make_sirets(40_000, count, "999"))
    pick = lambda values: [values[i] for i in rng.integers(0, len(values), count)]  # noqa: E731
    services = [
        "|".join(sorted(rng.choice(_STANDARD_SERVICES, rng.integers(2, 5), replace=False))) for _ in range(count)
    ]
    name = [
        f"Lieu de démonstration n° {n:03d} ({_KINDS[k]} {_of(c.nom)})"
        for n, k, c in zip(number, kind, where, strict=True)
    ]
    frame = pl.DataFrame(
        {
            "id": [f"DEMO-LIEU-{n:03d}" for n in number],
            "pivot": sirets,
            "nom": name,
            "commune": [c.nom if c.type == "commune" else "Paris" for c in where],
            "code_postal": [_postcode(c.code_insee, c.code_departement) for c in where],
            "code_insee": [c.code_insee for c in where],
            "adresse": [f"{n % 90 + 1} {street}" for n, street in zip(number, pick(_STREETS), strict=True)],
            "complement_adresse": pick(["", "", "Bâtiment fictif A"]),
            "latitude": np.round([c.lat for c in where] + rng.normal(0, 0.004, count), 5),
            "longitude": np.round([c.lon for c in where] + rng.normal(0, 0.005, count), 5),
            "typologie": [_TYPOLOGIES[k] for k in kind],
            "telephone": [f"+33639980{n:03d}" for n in number],
            "courriels": [f"lieu{n:03d}@demonstration.example" for n in number],
            "site_web": [f"https://lieu{n:03d}.demonstration.example" for n in number],
            "horaires": pick(_HOURS),
            "presentation_resume": ["Lieu fictif, inventé pour la démonstration."] * count,
            "presentation_detail": pick(["", "Salle équipée de dix postes ; ateliers sur inscription."]),
            "source": ["Simulateur passnum"] * count,
            "itinerance": pick(["Fixe", "Fixe", "Fixe", "Itinérant", "Itinérant|Fixe"]),
            "structure_parente": [""] * count,
            "services": services,
            "publics_specifiquement_adresses": pick(_PUBLICS),
            "prise_en_charge_specifique": pick(_CARE),
            "frais_a_charge": pick(["Gratuit sous condition", "Gratuit sous condition|Payant"]),
            "dispositif_programmes_nationaux": pick(_SCHEMES),
            "formations_labels": pick(["", "", "Les Éclaireurs du numérique (Drôme)", "Fabriques de Territoire"]),
            "autres_formations_labels": [""] * count,
            "modalites_acces": pick(["Se présenter", "Se présenter|Téléphoner", "Téléphoner|Contacter par mail"]),
            "modalites_accompagnement": pick(
                ["Accompagnement individuel|Dans un atelier collectif", "Dans un atelier collectif"]
            ),
            "fiche_acces_libre": [""] * count,
            "prise_rdv": [""] * count,
            "territory": territory,
            "is_main": is_main & (territory >= 0),
            "opens": opens,
            "closes": closes,
            "workshop_weekday": rng.integers(0, 5, count),
            "has_clock": rng.random(count) > 0.08,
        }
    )
    return frame.with_columns(pl.col(pl.String).replace("", None))


def _postcode(code: str, department: str) -> str:
    """Paris: the arrondissement's; elsewhere a plausible code of the department (it is only an address)."""
    return f"750{code[-2:]}" if department == "75" else f"{code[:2]}{int(code[2:]) % 90 + 1:02d}0"


def make_structures(programme: Programme, last: date, rng: np.random.Generator) -> Structures:
    """All structures of the simulated programme; `last` is its last day."""
    return Structures(make_prescribers(programme, rng), make_lieux(programme, month_end(last), rng), make_services())
