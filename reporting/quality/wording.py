"""The French sentences of the report: what a rule says and how to mend, by reason; who owns a column.

Does not live here: what a column expects (the contracts, given as `FieldGuide` by the caller), figures, layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from presentation import labels
from warehouse.published.received import FieldGuide

MGP, PRESCRIBER, LIEU, APTIC = "MGP", "prescripteur", "lieu", "#APTIC"
OWNERS = (MGP, PRESCRIBER, LIEU, APTIC)
OWNER_TITLES = {
    MGP: "Métropole du Grand Paris",
    PRESCRIBER: "Prescripteurs",
    LIEU: "Lieux de médiation",
    APTIC: "#APTIC",
}
#: The same inside a sentence.
OWNER_NAMES = {
    MGP: "la Métropole du Grand Paris",
    PRESCRIBER: "les prescripteurs",
    LIEU: "les lieux de médiation",
    APTIC: "#APTIC",
}
#: Columns whose values are numbers of passes or carnets: they link a person to visits, never shown in a mail.
GUARDED_COLUMNS = ("numero_pass", "numero_carnet", "premier_pass", "dernier_pass", "liste_pass", "numeros_pass")
PERSONAL_COLUMNS = ("id_beneficiaire", "annee_naissance")
GUARDED = "(numéro masqué)"
#: What every mail promises.
NOTHING_PERSONAL = "Aucune donnée personnelle ni numéro de pass ou de carnet ne figure dans ce message"
#: What tells of personal data that were received and should not have been: a check, a reason of a value set aside.
PERSONAL_CHECKS = ("PN-413",)
PERSONAL_REASON = "personal_text_masked"

# Who types the value: a lieu scans and describes its sessions, a prescriber fills the form, #APTIC issues the rest.
_OWNER_OF_COLUMN = {
    ("utilisations", "date_utilisation"): LIEU,
    ("utilisations", "nom_lieu"): LIEU,
    ("utilisations", "code_insee_lieu"): LIEU,
    ("utilisations", "code_service"): LIEU,
    ("utilisations", "id_session"): LIEU,
    ("utilisations", "modalite"): LIEU,
    ("utilisations", "duree_minutes"): LIEU,
    ("prescriptions", "id_prescription"): APTIC,
    ("prescriptions", "numero_carnet"): APTIC,
    ("prescriptions", "statut"): APTIC,
    ("lieux", "id"): APTIC,
    ("lieux", "pivot"): APTIC,
    ("lieux", "date_referencement"): APTIC,
    ("lieux", "date_fin_referencement"): APTIC,
}
_OWNER_OF_DATASET = {
    "emissions": APTIC,
    "prescriptions": PRESCRIBER,
    "utilisations": APTIC,
    "lieux": LIEU,
    "services": APTIC,
    "budget": MGP,
}


Guides = Mapping[tuple[str, str], FieldGuide]


@dataclass(frozen=True)
class Advice:
    """Why a problem is one (`rule`), and what its owner should do (`mend`)."""

    title: str
    rule: str
    mend: str


_FILE_REASONS = {
    "empty_file": Advice(
        "Fichier refusé : vide",
        "Un export contient au moins la ligne des en-têtes.",
        "Relancez l’export et vérifiez que le fichier contient des lignes avant de le déposer.",
    ),
    "unreadable": Advice(
        "Fichier refusé : illisible",
        "Le fichier doit être entier et lisible : archive valide, guillemets fermés, dernière ligne complète.",
        "Relancez l’export (CSV en UTF-8, de préférence), puis redéposez-le sans l’ouvrir dans un tableur.",
    ),
    "unknown_layout": Advice(
        "Fichier refusé : export inconnu",
        "Les en-têtes doivent être ceux d’un export connu.",
        "Vérifiez que c’est le bon export. S’il a changé de forme, faites ajouter ses en-têtes au contrat de l’export.",
    ),
    "missing_columns": Advice(
        "Fichier refusé : colonnes manquantes",
        "Toutes les colonnes obligatoires de l’export doivent être présentes.",
        "Relancez l’export avec toutes ses colonnes, puis redéposez-le.",
    ),
    "missing_extract_date": Advice(
        "Fichier refusé : date d’extraction absente du nom",
        "Le nom du fichier contient la date de l’extraction.",
        "Renommez le fichier avec sa date, par exemple utilisations_2022-11-30.csv, et redéposez-le.",
    ),
    "future_extract_date": Advice(
        "Fichier refusé : date d’extraction dans le futur",
        "La date d’extraction ne peut pas être postérieure au jour du dépôt.",
        "Corrigez la date dans le nom du fichier et redéposez-le.",
    ),
}
_LINE_REASONS = {
    "missing_key": Advice(
        "Identifiant absent",
        "Chaque ligne porte son identifiant.",
        "Complétez l’identifiant de la ligne, puis redéposez l’export",
    ),
    "missing_value": Advice(
        "Valeur obligatoire absente",
        "Cette colonne doit être remplie sur chaque ligne.",
        "Complétez la valeur dans l’outil d’origine, puis redéposez l’export",
    ),
    "invalid_value": Advice(
        "Valeur incorrecte",
        "La valeur ne correspond pas à ce que la colonne attend.",
        "Corrigez la valeur dans l’outil d’origine, puis redéposez l’export",
    ),
    "invalid_check_digits": Advice(
        "Chiffres de contrôle incorrects",
        "Les 14 chiffres d’un SIRET se contrôlent entre eux : un chiffre est faux ou deux sont échangés.",
        "Vérifiez le SIRET sur l’avis de situation Insee et corrigez-le dans l’outil d’origine",
    ),
    "null_word": Advice(
        "Mot qui veut dire « rien »",
        "Une valeur absente se laisse vide : NULL, \\N, NA ou un tiret seul ne sont pas des valeurs.",
        "Réglez l’export pour qu’une valeur absente soit laissée vide",
    ),
    "error_cell": Advice(
        "Erreur d’Excel",
        "Une cellule en erreur (#N/A, #REF!, #DIV/0!) ne contient aucune valeur.",
        "Corrigez la formule dans le classeur, puis redéposez-le",
    ),
    "uncalculated_formula": Advice(
        "Formule non calculée",
        "Le classeur contient une formule sans son résultat : le logiciel qui l’a écrit ne l’a pas calculée.",
        "Ouvrez le classeur dans Excel, enregistrez-le, puis redéposez-le",
    ),
    "damaged_text": Advice(
        "Texte abîmé",
        "Le texte a été lu dans un mauvais encodage avant d’arriver ici (Ã©, &eacute;) ; il est gardé tel quel.",
        "Refaites l’export en UTF-8 depuis l’outil d’origine, sans passer par un autre fichier",
    ),
    PERSONAL_REASON: Advice(
        "Texte masqué : donnée personnelle",
        "Un texte libre contient une adresse électronique, un téléphone, une adresse postale ou un numéro de sécurité "
        "sociale : il n’est ni gardé ni montré.",
        "Retirez-la dans l’outil d’origine, puis redéposez l’export",
    ),
    "wrong_field_count": Advice(
        "Nombre de champs différent de l’en-tête",
        "Chaque ligne a autant de champs que l’en-tête.",
        "Mettez entre guillemets les textes qui contiennent le séparateur, ou relancez l’export sans le retoucher.",
    ),
}
_VALUE_KEPT = ("invalid_check_digits", "damaged_text")
CONFLICT = Advice(
    "Fichiers du même jour qui se contredisent",
    "Deux fichiers extraits le même jour donnent la même ligne : la seconde version a été retenue d’office.",
    "Dites laquelle des deux versions est la bonne : redéposez un export unique et plus récent.",
)
CHECK_ERROR = Advice(
    "Contrôle qui n’a pas pu être fait",
    "Un contrôle en erreur ne prouve rien : ni que les données sont bonnes, ni qu’elles sont mauvaises.",
    "Transmettez ce rapport à la personne qui entretient l’entrepôt.",
)


def owner_of(dataset: str | None, column: str | None) -> str:
    """Who can mend a value of this column; the Métropole where nobody else can be named."""
    return _OWNER_OF_COLUMN.get((dataset or "", column or "")) or _OWNER_OF_DATASET.get(dataset or "", MGP)


def advise_on_file(reason: str) -> Advice:
    """What to say of a file refused for `reason` (exports §3)."""
    return _FILE_REASONS.get(reason) or Advice("Fichier refusé", reason, "Relancez l’export et redéposez-le.")


def advise_on_line(reason: str, dataset: str | None, column: str | None, guides: Guides) -> Advice:
    """What to say of a line or a value; what the column expects, and an example of a right value, where known."""
    advice = _LINE_REASONS.get(reason) or Advice("Valeur à vérifier", reason, "Corrigez la valeur et redéposez")
    guide = guides.get((dataset or "", column or ""))
    if guide is None:
        return Advice(advice.title, advice.rule, advice.mend.rstrip(".") + ".")
    rule = f"{advice.rule} Attendu : {guide.expected}." if reason not in _VALUE_KEPT else advice.rule
    example = f" (exemple de bonne valeur : « {guide.example} »)" if guide.example else ""
    return Advice(f"{advice.title} : {guide.title}", rule, f"{advice.mend.rstrip('.')}{example}.")


def dataset_title(dataset: str | None) -> str:
    """The French name of an export; « export non reconnu » when nobody could tell."""
    return labels.in_sentence(labels.DATASET.get(dataset or "", "Export non reconnu"))
