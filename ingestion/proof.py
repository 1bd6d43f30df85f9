"""What makes a table one of our exports rather than any list: distinctive headers, or values that only it has.

« Service » and « Libellé » are in the lists of any administration: keys and critical columns are not enough (exports
§3). Only what the file itself holds is looked at, never the lake: what becomes of a file depends on no other one. Does
not live here: naming columns (layout), what the lake knows of them (evidence, for `passnum map`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ingestion.contract import Contract, Field, normalise_header
from ingestion.nothing import find_nothing
from ingestion.values import Setting, clean, take_known_items, type_column

COMMON_HEADERS = frozenset(
    map(
        normalise_header,
        """
        adresse, adresse postale, carnet, categorie, code, commune, commande, complement adresse, courriel,
        courriels, cp, code postal, code insee, code commune, code commune insee, date, date comptable,
        date ecriture, date maj, date mise a jour, date operation, bon de commande, bdc,
        numero bon de commande, duree, duree min, ecriture, email, etat, horaires, ht, id, identifiant, insee,
        intitule, lat, latitude, libelle, libelle service, lieu, lon, longitude, lot, mis a jour le, modalite,
        mode, montant, montant ht, montant ttc, nature, nature ecriture, nature operation, niveau, nom,
        nom service, numero ecriture, pass, piece, prescription, presentation detail, presentation resume,
        ref, reference, reference piece, service, services, session, siret, site internet, site web, source,
        statut, structure parente, tel, telephone, ttc, typologie, typologies, utilisation, ville
        """.replace("\n", " ").split(","),
    )
)
"""Headers that lists of any administration have: of services, of entries, of structures."""
OWN_NAMES = frozenset({"id_ecriture", "date_ecriture", "montant_ttc", "montant_ht", "code_service"})
"""Common words, but for the technical name of a contract written as it is."""
TELLING_TYPES = ("enum", "siret", "digits", "digits_list")
"""Types that few columns of other lists fit; a day, a number, a commune or a text may be anything."""
ENOUGH, LEAST_RIGHT = 3, 0.6
"""Values that are looked at, at the least, to speak against; share of right ones that speaks for."""
STRONG = 2
MOST_REPEATED = 0.3
PROGRAMME_CODE = r"(?i)^SAN[-_ ]?[0-9]"
"""Services d’accompagnement numérique, as the emitter numbers them."""
DEPARTMENT = r"^\p{L}{2}[^0-9]*$"
"""The code of a department (DRH, Urba, Etat civil): words and no number, where ours are numbered."""
MONEY_HEADERS = frozenset(
    ("budget", "compte", "cout", "credits", "depenses", "exercice", "imputation", "mandat", "montant", "montantht",
     "montantttc")
)  # fmt: skip
"""Columns of accounts: a catalogue of services has none."""
SHORTEST_CARNET = 4
"""Characters of a carnet’s number: C001, MGP-2021-000123; 12 is the number of anything."""
PLAUSIBLE = {"duree_minutes": (10, 600), "nb_pass": (0, 20)}
"""Minutes of an accompaniment, passes it takes: a duration of 3 is one of days."""
_SETTING = Setting(extract_year=2100)


@dataclass(frozen=True)
class Proof:
    """`distinctive`: columns whose header says whose they are; `telling`: columns whose values do; `against`: columns
    whose values are those of another list. `others`: named columns that the layout does not know. `is_exact`: a column
    has the technical name of the contract, as it is written there."""

    distinctive: tuple[str, ...]
    telling: tuple[str, ...]
    against: tuple[str, ...]
    columns: int
    others: int
    is_exact: bool

    @property
    def holds(self) -> bool:
        """Whether the table is this export: named so, or shown so by its values.

        Two columns lost among many others are no export, however they are named.
        """
        if len(self.distinctive) >= STRONG:
            return True
        is_among_few = self.columns * (2 if self.is_exact else 1) > self.others
        is_named = bool(self.distinctive) and is_among_few and not self.against
        # the contract's own spelling is no word of another list: it counts as a value does
        speaking = {*self.telling, *self.distinctive} if self.is_exact else self.telling
        return is_named or (bool(self.telling) and len(speaking) > len(self.against))


def prove(
    contract: Contract, headers: Sequence[str], columns: Mapping[str, int], rows: Sequence[Sequence[str]]
) -> Proof:
    """What speaks for and against a layout. `headers`: every cell of the header; `columns`: field → its position;
    `rows`: cells of some records, as wide as the header."""
    distinctive = tuple(name for name, place in columns.items() if is_distinctive(name, headers[place]))
    others = sum(bool(h.strip()) for h in headers) - len(columns)
    telling: list[str] = []
    against: list[str] = []
    is_small = len(contract.required) <= STRONG
    if is_small:
        named = {columns[name] for name in columns}
        against += [h for i, h in enumerate(headers) if i not in named and normalise_header(h) in MONEY_HEADERS]
    if len(distinctive) < STRONG:
        for name, place in columns.items():
            field = contract.field(name)
            values = _values(row[place] for row in rows)
            share = _share_of_right(field, values)
            if share is not None and share >= LEAST_RIGHT:
                # one word of an enumeration is in any list: a small layout has but that to be known by
                if not (is_small and field.type == "enum" and values.n_unique() < STRONG):
                    telling.append(name)
            elif (share == 0 and len(values) >= ENOUGH) or _is_foreign(field, values, is_small=is_small):
                against.append(name)
    is_exact = any(headers[place].strip().lower() == name in OWN_NAMES for name, place in columns.items())
    return Proof(distinctive, tuple(telling), tuple(against), len(columns), others, is_exact)


def is_distinctive(name: str, header: str) -> bool:
    """Whether a header says whose column it is: words that no other list has, or the technical name as it is."""
    return header.strip().lower() == name in OWN_NAMES or normalise_header(header) not in COMMON_HEADERS


def _values(cells: Iterable[str]) -> pl.Series:
    """The cells that hold something."""
    values = pl.DataFrame({"t": list(cells)}, schema={"t": pl.String}).select(clean(pl.col("t"))).to_series()
    values = values.drop_nulls()
    nothing = find_nothing(values)
    return values if nothing is None else values.filter(nothing.is_null())


def _share_of_right(field: Field, values: pl.Series) -> float | None:
    """Share of the values that fit a telling type; None where there is none or the type tells nothing."""
    if values.is_empty():
        return None
    if field.name == "code_service":
        share = _mean(values.str.contains(PROGRAMME_CODE))
        return share or None
    if field.type == "list" and field.value_aliases:
        return _mean(take_known_items(_national(field), values).is_not_null()) or None
    if field.type not in TELLING_TYPES:
        return None
    typed = type_column(field, values, _SETTING)
    return _mean(~typed["is_bad"] & ~typed["is_doubtful"])


def _national(field: Field) -> Field:
    """The field with every word of the national list: older ones and those of today."""
    kept = {older: today for older, today in field.value_aliases.items() if today}
    return field.model_copy(update={"value_aliases": kept | {today: today for today in kept.values()}})


def _is_foreign(field: Field, values: pl.Series, *, is_small: bool) -> bool:
    """Whether the values are those of another list, however few they are."""
    if values.is_empty():
        return False
    if field.name == "numero_carnet":
        return _mean(values.str.len_chars() < SHORTEST_CARNET) >= LEAST_RIGHT
    if not is_small:
        return False
    if field.name in PLAUSIBLE:
        numbers = values.cast(pl.Float64, strict=False).drop_nulls()
        low, high = PLAUSIBLE[field.name]
        return not numbers.is_empty() and _mean(numbers.is_between(low, high)) < 1 - LEAST_RIGHT
    if field.role != "K":
        return False
    return _mean(values.str.contains(DEPARTMENT)) >= LEAST_RIGHT or _is_repeated(field, values)


def _is_repeated(field: Field, values: pl.Series) -> bool:
    """A key that comes back on many lines is no key of a catalogue. Those a spreadsheet rewrote are not counted."""
    kept = values.filter(~type_column(field, values, _SETTING)["is_bad"])
    return len(kept) >= ENOUGH and 1 - kept.n_unique() / len(kept) > MOST_REPEATED


def _mean(flags: pl.Series) -> float:
    return float(flags.sum()) / len(flags)
