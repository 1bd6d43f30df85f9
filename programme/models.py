"""The typed configuration: Programme, Territory, TerritoryChange, Commune, Population, Decision,
Correspondent, Issuer, Mandate, SharedLake, Commanditaire.

Lives here: the fields, their types and ranges. Lives elsewhere: what is expected of each, in French (expected.py),
reading the files (config.py, files.py) and checks between files (config.py).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from stdnum.fr import siren as siren_number

CODE_PATTERN = r"^\d[\dAB]\d{3}$"
SIRET_PATTERN = r"^\d{14}$"
MAILBOX_PATTERN = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
_ADDRESS_PATTERN = r"^https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/%-]*)?$"


def fold(text: str) -> str:
    """Lower case, without accents, blanks, hyphens nor apostrophes: to compare what people type."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "", plain.lower())


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day when it is shorter (figures §4)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _plain_number(value: object) -> object:
    """Accept « 3 800 000 » and « 0,5 » as a French keyboard writes them."""
    return re.sub(r"[\s_]", "", value).replace(",", ".") if isinstance(value, str) else value


def _undivided(value: object) -> object:
    """Accept « 219 400 809 00014 » as a SIRET is printed."""
    return re.sub(r"\s", "", value) if isinstance(value, str) else value


def _undivided_or_none(value: object) -> object:
    return _undivided(value) or None


def _checked_siren(value: str) -> str:
    """A SIREN whose last digit holds. Raises ValueError."""
    if not siren_number.is_valid(value):
        raise ValueError("not a SIREN")
    return value


def _day(value: object) -> object:
    """Accept 11/02/2020 beside 2020-02-11: a spreadsheet rewrites dates that way."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", value.strip()):
        return datetime.strptime(value.strip(), "%d/%m/%Y").date()
    return value.strip() if isinstance(value, str) else value


def _folded(value: object) -> object:
    return fold(value) if isinstance(value, str) else value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else _plain_number(value)


#: What a decision may be expected to move, as its file says it (folded) → its code in the dictionary.
EXPECTABLE = {
    "heures": "hours",
    "personnesformees": "people_reached",
    "personnesequipees": "people_equipped",
    "passutilises": "passes_used",
    "valeurutilisee": "face_value_used_eur",
    "budgetengage": "budget_committed_eur",
    "budgetmandate": "budget_paid_eur",
}


def _expectable(value: object) -> object:
    """« Personnes formées » → people_reached; nothing → None. Raises ValueError for another word."""
    if value is None or value == "" or value in EXPECTABLE.values():
        return value or None
    if (code := EXPECTABLE.get(fold(str(value)))) is None:
        raise ValueError("not a measure that a decision may be expected to move")
    return code


def _address(value: object) -> object:
    """The choices of a scenario, from its whole address or from what follows its question mark."""
    return value.rpartition("?")[2].strip() or None if isinstance(value, str) else value


def _names(value: object) -> object:
    """Several names on one line, parted by commas or blanks, as the flat settings file holds them."""
    return tuple(re.split(r"[\s,;]+", value.strip())) if isinstance(value, str) and value.strip() else value or ()


Day = Annotated[date, BeforeValidator(_day), Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Count = Annotated[int, BeforeValidator(_plain_number), Field(gt=0, le=10**9)]
Euros = Annotated[Decimal, BeforeValidator(_plain_number), Field(gt=0, le=10**12, decimal_places=2)]
Share = Annotated[Decimal, BeforeValidator(_plain_number), Field(ge=0, le=1, decimal_places=4)]
Months = Annotated[int, BeforeValidator(_plain_number), Field(ge=0, le=240)]
Target = Annotated[Annotated[int, Field(ge=0, le=10**9)] | None, BeforeValidator(_blank_is_none)]
Amount = Annotated[Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=2)] | None, BeforeValidator(_blank_is_none)]
DayOrNone = Annotated[Day | None, BeforeValidator(lambda value: None if value == "" else value)]
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Label = Annotated[str, Field(min_length=1)]
OptionalDay = Annotated[Day | None, BeforeValidator(lambda value: value if str(value or "").strip() else None)]
OptionalLabel = Annotated[Label | None, BeforeValidator(lambda value: value if str(value or "").strip() else None)]
Names = Annotated[tuple[Label, ...], BeforeValidator(_names)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Territory(_Frozen):
    """Grain: one participating commune or Paris arrondissement (a row of territories.csv, figures §4)."""

    code_insee: Code
    nom: Label
    ami: Annotated[Literal[1, 2], BeforeValidator(lambda v: {"1": 1, "2": 2}.get(str(v).strip(), v))]
    date_entree: Day
    source: Label
    statut: Annotated[Literal["atteste", "exemple"], BeforeValidator(_folded)]
    cible_personnes: Target = None
    cible_heures: Target = None


class TerritoryChange(_Frozen):
    """Grain: one commune code replaced by another from `date_effet` on (code at the event, code now)."""

    code_insee: Code
    code_actuel: Code
    date_effet: Day
    source: Label


class Population(_Frozen):
    """Grain: one commune or arrondissement (a row of populations.csv): inhabitants, in all and in its priority
    neighbourhoods (QPV), each with its day and its source; None where it is not known, 0 where there is no QPV."""

    code_insee: Code
    nom: Label
    population: Annotated[Count | None, BeforeValidator(_blank_is_none)] = None
    date_population: OptionalDay = None
    source_population: OptionalLabel = None
    population_qpv: Target = None
    date_qpv: OptionalDay = None
    source_qpv: OptionalLabel = None


class Commune(_Frozen):
    """Grain: one of the 150 communes and arrondissements of the Métropole, code and limits of 2019–2023.

    `nom` is the name as a reader expects it, article included. `lon`, `lat`: degrees, a point inside.
    """

    code_insee: Code
    nom: Label
    type: Literal["commune", "arrondissement"]
    code_departement: str
    ept_siren: str | None
    ept_nom: str
    population_municipale: int
    lon: float
    lat: float


class Decision(_Frozen):
    """Grain: one decision of the committee (a row of decisions.csv): when, what, who, how much, what is expected.

    `indicateur`: the code of what should move, `attendu` the total it should reach by `echeance`: all three or none.
    `scenario`: the choices of the page of scenarios, as its address holds them.
    """

    prise_le: Day
    decision: Annotated[str, Field(min_length=1, max_length=500)]
    porteur: Label
    montant_eur: Amount = None
    indicateur: Annotated[str | None, BeforeValidator(_expectable)] = None
    attendu: Target = None
    echeance: DayOrNone = None
    scenario: Annotated[
        Annotated[str, Field(max_length=300, pattern=r"^[\w=&%.+-]*$")] | None, BeforeValidator(_address)
    ] = None


class Correspondent(_Frozen):
    """Grain: one address of one structure (a row of correspondants.csv): where what is its own is sent.

    `structure`: the SIRET of a lieu or of a prescriber, or the code of a territory. `recoit`: which mails, both where
    it is blank. No figure depends on it: no version holds it.
    """

    structure: Annotated[str, BeforeValidator(_undivided), Field(pattern=f"{SIRET_PATTERN}|{CODE_PATTERN}")]
    courriel: Annotated[str, Field(pattern=MAILBOX_PATTERN, max_length=254)]
    nom: str = ""
    recoit: Literal["", "qualite", "pass-a-sauver"] = ""

    @property
    def is_structure(self) -> bool:
        """Whether it is a lieu or a prescriber, named by its SIRET, rather than a territory."""
        return len(self.structure) == 14

    @property
    def receives_quality(self) -> bool:
        """Whether it is told what it has to mend."""
        return self.recoit in ("", "qualite")

    @property
    def receives_to_save(self) -> bool:
        """Whether it is told of its passes to save."""
        return self.recoit in ("", "pass-a-sauver")


class Issuer(_Frozen):
    """Who issues the documents (diffusion.yaml). No figure depends on it: no version holds it.

    Blank where it is not decided yet: contact_name, contact_email, base_url (`lacking` names them).
    """

    siren: Annotated[str, BeforeValidator(_undivided), AfterValidator(_checked_siren), Field(pattern=r"^\d{9}$")]
    name: Label
    website: Annotated[str, Field(pattern=_ADDRESS_PATTERN)]
    contact_name: str
    contact_email: Annotated[str, Field(pattern=f"^$|{MAILBOX_PATTERN}", max_length=254)]
    base_url: Annotated[str, Field(pattern=f"^$|{_ADDRESS_PATTERN}")]

    @property
    def lacking(self) -> list[str]:
        """The settings that a catalogue needs and that are blank."""
        return [name for name in ("contact_name", "contact_email", "base_url") if not getattr(self, name)]


class Commanditaire(_Frozen):
    """Grain: one programme of a national view (a row of its list): whose it is, and the home that keeps it.

    `maison`: a folder; one that is not absolute is under the folder of the list.
    """

    siren: Annotated[str, BeforeValidator(_undivided), AfterValidator(_checked_siren), Field(pattern=r"^\d{9}$")]
    nom: Label
    maison: Label


class Mandate(_Frozen):
    """The mandate as its papers name it (mandat.yaml): who renders the account, under which convention. No figure
    depends on it: no version holds it. None where it is not known yet (`lacking` names them)."""

    agent_name: Label
    agreement: Label
    deliberation: Label
    agent_siren: Annotated[Annotated[str, AfterValidator(_checked_siren)] | None, BeforeValidator(_undivided_or_none)]
    agent_address: OptionalLabel
    agent_representative: OptionalLabel
    convention_reference: OptionalLabel
    convention_signed_on: OptionalDay
    convention_starts_on: OptionalDay
    convention_ends_on: OptionalDay
    authorising_officer: OptionalLabel
    accountant: OptionalLabel

    @property
    def lacking(self) -> list[str]:
        """The settings that an account needs and that are blank."""
        return [name for name in type(self).model_fields if getattr(self, name) is None]


#: How files are taken in: no figure depends on it, so that versions neither hold it nor are built anew for it.
OF_READING = frozenset({"settle_seconds"})


class Programme(_Frozen):
    """Everything a user sets without code (figures §1). Shares 0–1, money in euros, hours person-hours."""

    name: Label
    budget_eur: Euros
    hours_target: Count
    people_target: Count
    territories_target: Count
    lieux_target: Count
    state_rate: Share
    state_ceiling_eur: Euros
    pic_share_target: Share
    agreement_signed_on: Day
    agreement_ends_on: Day
    mandate_months_after: Months
    validity_tolerance_months: Months
    small_count_threshold: Count
    max_rejected_share: Share
    retention_months: Annotated[Months, Field(ge=1)]
    expected_delivery_days: Count
    accepted_deliveries: Names = ()
    settle_seconds: Annotated[Count, Field(le=3600)] = 30
    # When a sentence is said: figures that ask for a decision (programme.yaml gives the reason of each).
    quiet_months: Annotated[Months, Field(ge=1)] = 3
    low_start_share: Share = Decimal("0.60")
    low_start_min_carnets: Count = 50
    silent_lieux_share: Share = Decimal("0.10")
    lost_passes_share: Share = Decimal("0.05")
    uncounted_share: Share = Decimal("0.02")
    expiry_alert_days: Annotated[Count, Field(le=730)] = 90
    run_expected_hours: Count = 36
    reminder_days: Count = 7
    trust_share_min: Share = Decimal("0.70")
    trust_share_max: Share = Decimal("0.95")
    trust_min_trials: Count = 20
    territories: list[Territory]
    changes: list[TerritoryChange]
    communes: list[Commune]
    populations: list[Population]
    decisions: list[Decision] = []
    communes_geojson: Path

    @property
    def mandate_ends_on(self) -> date:
        """Last day of the mandate: the agreement's term plus `mandate_months_after` months (figures §1)."""
        return add_months(self.agreement_ends_on, self.mandate_months_after)


def _without_password(value: str) -> str:
    """A connection of libpq as `name=value` words, none of which is a password. Raises ValueError."""
    words = re.findall(r"(\w+)\s*=\s*(?:'(?:[^'\\]|\\.)*'|\S+)", value)
    if "password" in [word.lower() for word in words] or "://" in value or (value and not words):
        raise ValueError("not a connection without a password")
    return value


class SharedLake(_Frozen):
    """Where published versions are registered for many to read (lac.yaml). No figure depends on it.

    `catalog`: a connection of libpq, whose password comes from elsewhere; `folder`: where the files are (DuckLake reads
    it as a pattern when it removes some); `lake`: the
    name of this programme's, schema and folder of its own; `content`: what of a version is registered.
    """

    catalog: Annotated[str, AfterValidator(_without_password)]
    folder: Annotated[str, Field(pattern=r"^$|^/[^\[\]*?]*$")]
    lake: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    content: Literal["analystes", "complet"]

    @property
    def is_set(self) -> bool:
        return bool(self.catalog and self.folder)

    @property
    def files(self) -> Path:
        """Where this programme's files are."""
        return Path(self.folder) / self.lake
