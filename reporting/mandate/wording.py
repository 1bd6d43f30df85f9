"""What a person is told of an account just asked for: closed, what has come since and where it is booked.

Does not live here: the figures (since.py), the document's own sentences (document.py).
"""

from __future__ import annotations

from datetime import date

from presentation.french import day, euros, integer
from reporting.mandate.closing import Closing
from reporting.mandate.export import Issued
from reporting.mandate.since import Booking, Since
from reporting.mandate.tables import NATURES, OF_PASSES, WAYS


def issued_sentences(issued: Issued, year: int, rectifying: bool) -> list[str]:
    """What became of the request, then what has come since when the year was closed already."""
    number = issued.edition.number
    if issued.closing is not None and issued.since is not None:
        if rectifying:
            return [
                f"Rien n'a changé depuis l'arrêté du compte {year} (édition {number}) : aucune édition rectificative."
            ]
        return [closed_sentence(issued.closing), *since_sentences(issued.closing, issued.since)]
    if not issued.is_new:
        return [f"Compte du mandat {year}, édition {number} déjà émise, à l'identique."]
    said = [f"Compte du mandat {year}, édition {number} émise."]
    if issued.edition.manifest["provisoire"]:
        return [*said, "Compte provisoire : l'année n'est pas finie dans les données, rien n'est arrêté."]
    if rectifying:
        said = [f"Compte du mandat {year}, édition {number} rectificative émise : {moved(issued)}."]
    return [
        *said,
        issued.edition.manifest["ouverture"],
        f"Le compte {year} est arrêté : sa clôture est l'ouverture de {year + 1}, et il ne sera plus réécrit.",
    ]


def moved(issued: Issued) -> str:
    """« 12 lignes ont bougé », and whether what is said of the parties is other."""
    changes = issued.changes
    if changes:
        lines = "1 ligne a bougé" if changes == 1 else f"{integer(changes)} lignes ont bougé"
        return lines + (", et ce qui est dit des parties" if issued.is_renamed else "")
    if issued.is_renamed:
        return "ce qui est dit des parties est autre, aucune opération n'a bougé"
    return "l'édition d'avant ne peut pas être comparée ligne à ligne"


def closed_sentence(closing: Closing) -> str:
    """« Compte 2022 arrêté, édition 1 (le 05/02/2023) : … »."""
    return (
        f"Compte {closing.year} arrêté, édition {closing.edition.number} (le {day(closing.issued_on)}, données au "
        f"{day(closing.as_of)}) : rien n'a été réécrit."
    )


def since_sentences(closing: Closing, since: Since) -> list[str]:
    """What has come since the closing, by nature, and the account it is booked in."""
    year = closing.year
    if not since.is_comparable:
        return [
            "Cette édition date d'avant le registre des comptes arrêtés : ses lignes ne peuvent pas être comparées, et "
            f"l'ouverture de {year + 1} est calculée. « passnum export mandat --year {year} --rectificative » l'arrête "
            "avec ses lignes."
        ]
    if since.stops_on is not None:
        return [
            f"Les données publiées s'arrêtent au {day(since.stops_on)}, avant la fin de {year} : elles ne disent pas "
            "ce qui est venu depuis l'arrêté."
        ]
    if not since.bookings and not since.receivables:
        return ["Rien n'a changé depuis pour cet exercice."]
    said = [sentence for booking in since.bookings for sentence in _booked(year, booking)]
    for known_in, payments, amount in since.receivables:
        said.append(
            f"Trop-perçus constatés depuis sur des contre-paiements faits jusqu'au {day(date(year, 12, 31))} : "
            f"{integer(payments)}, pour {euros(amount)} (constatés en {known_in} : au compte {known_in} ou, s'il "
            "était déjà arrêté, au suivant)."
        )
    return said


def _booked(year: int, booking: Booking) -> list[str]:
    state = "comptabilisé" if booking.is_closed else "à comptabiliser"
    head = (
        f"Connu depuis sur {year} et les exercices antérieurs, {state} dans le compte {booking.year} en régularisation "
        "d'exercice antérieur :"
    )
    lines = []
    for move in booking.moves:
        passes = f"{integer(move.passes)} pass, " if move.nature in OF_PASSES else ""
        word = "ligne" if move.lines == 1 else "lignes"
        label = NATURES.get(move.nature, move.nature)
        lines.append(
            f"  {label}, {WAYS[move.way].lower()} : {integer(move.lines)} {word}, {passes}{euros(move.amount_eur)}"
        )
    return [head, *lines]
