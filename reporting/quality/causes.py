"""Why a lieu or a prescriber is written to, one cause for all the checks and values that it makes fail, by harm.

Lives here: which checks and columns tell of one cause, and the words for somebody who holds neither an export nor the
warehouse: what it does, and what they can do about it. Does not live here: the checks (data_quality/suites/), the
words of the team and of #APTIC (wording.py), how a mail is made (notice.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from reporting.quality.wording import LIEU, PERSONAL_REASON, PRESCRIBER


@dataclass(frozen=True)
class Cause:
    """Grain: one cause. `checks`, `columns`, `reasons`: whatever tells of it; `why` it matters, what to `do`."""

    title: str
    why: str
    do: str
    checks: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


_PERSONAL = Cause(
    "Une donnée personnelle dans un champ qui n’est pas fait pour elle",
    "Un texte enregistré chez vous contenait une adresse, un téléphone, un courriel ou un numéro de sécurité sociale. "
    "Nous ne l’avons ni gardé ni montré.",
    "Effacez-le dans l’outil d’#APTIC, et n’y écrivez jamais le nom ni les coordonnées d’une personne.",
    reasons=(PERSONAL_REASON,),
)
_OTHER = Cause("Un autre point à vérifier", "", "Répondez à ce courriel : votre contact vous dira de quoi il s’agit.")

#: Owner → its causes, what harms most first: personal data, money that is not due, then hours, then words.
CAUSES: dict[str, tuple[Cause, ...]] = {
    LIEU: (
        _PERSONAL,
        Cause(
            "Des pass acceptés après leur fin de validité",
            "Un pass périmé n’est plus remboursable : le montant versé pourrait vous être redemandé.",
            "Dites-nous si une prolongation vous a été accordée. Sinon, demandez à #APTIC d’annuler ces utilisations ; "
            "n’acceptez plus un pass dont la date est passée.",
            checks=("PN-426",),
        ),
        Cause(
            "Des pass utilisés alors que votre lieu n’était pas référencé",
            "Seul un lieu référencé est remboursé.",
            "Vérifiez avec #APTIC les dates de votre référencement et votre SIRET. S’ils sont faux, faites-les "
            "corriger et dites-le-nous.",
            checks=("PN-423",),
        ),
        Cause(
            "Des dates de séance impossibles",
            "La séance est datée du futur, ou d’avant le programme : ses heures sont rangées dans la mauvaise année.",
            "Retrouvez la date dans votre planning et corrigez-la dans l’outil d’#APTIC ; ou répondez-nous avec le "
            "numéro d’utilisation et la bonne date.",
            checks=("PN-430",),
            columns=("date_utilisation",),
        ),
        Cause(
            "Trop de pass le même jour",
            "Une séance prend d’un à quatre pass : au-delà, ils ont sans doute été enregistrés en une fois, un autre "
            "jour que celui de la séance.",
            "Donnez à chaque pass le jour réel de sa séance dans l’outil d’#APTIC, ou expliquez-nous cette journée.",
            checks=("PN-438", "PN-441", "PN-447", "PN-448"),
        ),
        Cause(
            "Des séances la nuit, un dimanche ou un jour férié",
            "L’heure ou le jour enregistré est sans doute celui de la saisie, non celui de la séance.",
            "Corrigez-les dans l’outil d’#APTIC. Si vous ouvrez à ces heures, faites inscrire vos horaires à "
            "l’annuaire et dites-le-nous.",
            checks=("PN-436", "PN-437"),
        ),
        Cause(
            "Un même numéro pour plusieurs séances",
            "Un numéro qui sert plusieurs fois réunit des groupes différents : les heures d’animation sont fausses.",
            "Donnez un numéro à chaque séance, et un seul.",
            checks=("PN-442",),
            columns=("id_session",),
        ),
        Cause(
            "Des durées absentes ou à revoir",
            "Les heures de formation viennent de la durée que vous déclarez ; sans elle, elles sont supposées ou "
            "perdues.",
            "Déclarez la durée réelle de chaque séance, en minutes (90 pour une heure et demie) ; complétez ou "
            "corrigez celles-ci dans l’outil d’#APTIC.",
            checks=("PN-433", "PN-443", "PN-444", "PN-445", "PN-446"),
            columns=("duree_minutes",),
        ),
        Cause(
            "Le service rendu n’est pas indiqué",
            "Sans lui, on ne sait pas ce que vous avez proposé, et une durée manquante ne peut pas être estimée.",
            "Choisissez le service au moment du scan ; complétez les dernières séances.",
            checks=("PN-434",),
            columns=("code_service", "modalite"),
        ),
        Cause(
            "Beaucoup d’utilisations rejetées par #APTIC",
            "Une utilisation rejetée n’est pas remboursée.",
            "Voyez avec #APTIC le motif de ces rejets et la façon de scanner les pass.",
            checks=("PN-435",),
        ),
        Cause(
            "Votre activité s’arrête, bondit ou change après coup",
            "Un lieu qui a fermé, des scans qui n’arrivent plus ou un SIRET qui change se ressemblent dans les "
            "données.",
            "Dites-nous ce qui s’est passé : fermeture, panne, changement de SIRET, ou forte activité réelle.",
            checks=("PN-503", "PN-505", "PN-507"),
        ),
        Cause(
            "Des renseignements sur votre lieu à corriger",
            "Le nom ou la commune enregistrés avec ces pass ne sont pas lisibles.",
            "Faites corriger la fiche de votre lieu par #APTIC.",
            columns=("nom_lieu", "code_insee_lieu"),
        ),
    ),
    PRESCRIBER: (
        _PERSONAL,
        Cause(
            "Des pass de vos carnets ont servi sans prescription enregistrée",
            "Sans prescription, la personne formée n’est comptée dans aucun public, alors que l’aide de l’État en "
            "dépend.",
            "Comparez les carnets remis de ces lots et les prescriptions enregistrées, et enregistrez celles qui "
            "manquent. Un numéro de carnet ne s’écrit pas dans un courriel : demandez-le à votre contact.",
            checks=("PN-424",),
        ),
        Cause(
            "Plusieurs prescriptions en vigueur pour un même carnet",
            "Une seule peut être la bonne : l’autre personne n’est comptée nulle part.",
            "Annulez, dans l’outil d’#APTIC, la prescription qui n’a plus cours.",
            checks=("PN-452",),
        ),
        Cause(
            "Des prescriptions de carnets inconnus",
            "Le numéro de carnet enregistré n’est celui d’aucun carnet émis : ses pass ne pourront pas servir.",
            "Relisez le numéro sur le carnet et corrigez-le dans l’outil d’#APTIC.",
            checks=("PN-451",),
        ),
        Cause(
            "Des carnets remis sans stock reçu",
            "Le SIRET est celui d’un autre établissement, ou un stock a changé de mains sans être déclaré.",
            "Vérifiez votre SIRET avec #APTIC, ou déclarez-lui le transfert du stock.",
            checks=("PN-475",),
        ),
        Cause(
            "Trop de carnets remis le même jour, ou au même nom",
            "Des remises enregistrées en une fois ne disent plus qui a été équipé, ni quand.",
            "Enregistrez chaque remise à sa date et pour sa personne ; annulez celles qui n’ont pas de personne.",
            checks=("PN-457", "PN-458"),
        ),
        Cause(
            "Des dates de prescription impossibles",
            "La prescription est enregistrée après l’usage du carnet, un jour de fermeture, ou avant son émission.",
            "Corrigez la date dans l’outil d’#APTIC, ou expliquez-nous l’ouverture ce jour-là.",
            checks=("PN-425", "PN-455", "PN-456", "PN-459"),
            columns=("date_prescription",),
        ),
        Cause(
            "Votre activité s’arrête ou bondit",
            "Une structure qui ferme et des prescriptions qui n’arrivent plus se ressemblent dans les données.",
            "Dites-nous ce qui s’est passé.",
            checks=("PN-504", "PN-506"),
        ),
        Cause(
            "Des réponses ou des renseignements à compléter",
            "L’État finance le programme d’après ces réponses.",
            "Complétez ou corrigez ces prescriptions dans l’outil d’#APTIC, et posez ces questions à chaque remise.",
            checks=("PN-453", "PN-454"),
            columns=(
                "siret_prescripteur", "nom_prescripteur", "type_prescripteur", "code_insee", "id_beneficiaire",
                "annee_naissance", "genre", "situation", "public_pic", "residence_qpv",
            ),
        ),
    ),
}  # fmt: skip


def cause_of(owner: str, key: str) -> Cause:
    """The cause of a problem, from its key (details.py); a check or column that no cause names is « another point »."""
    words = key.split("|")
    for cause in CAUSES[owner]:
        if set(words) & {*cause.checks, *cause.columns, *cause.reasons}:
            return cause
    return _OTHER


def harm_of(owner: str, cause: Cause) -> int:
    """The rank of a cause: 0 harms most."""
    return CAUSES[owner].index(cause) if cause in CAUSES[owner] else len(CAUSES[owner])
