"""The YAML contracts as typed objects: fields, types, aliases, and how a header is recognised.

Does not live here: reading bytes (reader), typing values (parse), choosing the layout of a file (layout).
"""

from __future__ import annotations

import os
import re
import unicodedata
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic import Field as Setting

CONTRACTS_FOLDER = Path(__file__).parent / "contracts"
CONTRACTS_VARIABLE = "PASSNUM_CONTRACTS"

FieldType = Literal[
    "code", "text", "digits", "digits_list", "siret", "insee", "decimal", "integer", "number", "date",
    "datetime", "enum", "list",
]  # fmt: skip
Role = Literal["K", "C", "o"]

DUCKDB_TYPES: dict[str, str] = {
    "decimal": "DECIMAL(18,2)",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}
PROVENANCE: dict[str, str] = {
    "source_file_id": "VARCHAR",
    "source_line": "BIGINT",
    "source_sha256": "VARCHAR",
    "extract_date": "DATE",
}

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
ARTICLES = {"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "the"}
_NUMBER_WORDS = {"n", "no", "num", "nro"}
_NUMBER_SIGN = re.compile(r"n[°º]|№")
_WORD = re.compile(r"[a-z0-9]+")
_IDENTIFIER = re.compile("(?:id|numero|code|reference|bon)(?:_|$)|pivot$")


class ContractError(Exception):
    """A contract file is wrong; the message is French and names the file and the field."""


@lru_cache(maxsize=16_384)
def normalise_header(header: str) -> str:
    """The form under which two spellings of a header are the same (exports §2).

    Lower case, no accents, `n°` and `numéro` alike, French articles dropped, then letters and digits only:
    « N° de Carnet », `numero_carnet` and `NUMEROCARNET` all give `numerocarnet`.
    """
    text = header.lower()
    if not text.isascii():
        text = _NUMBER_SIGN.sub(" numero ", text)
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    words = _WORD.findall(text)
    words = ["numero" if w in _NUMBER_WORDS else w for w in words]
    return "".join(w for w in words if w not in ARTICLES) or "".join(words)


PublicKind = Literal["mail", "phone", "address", "name"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class AgeBand(_Strict):
    """A year of birth that leaves as an age band: the column it becomes, at the date of another field."""

    column: str
    at: str


class Field(_Strict):
    """One column of an export. `role`: K natural key, C critical, o optional (exports §1).

    `value_aliases`: an older word for a value, or for an item of a list (empty: that item is left out). `taken_from`:
    a list that older exports kept within another one: without a column of its own, it takes its known items there.
    `public`: what the column publishes by nature and is not masked there (the phone of a lieu).
    """

    name: Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*$")]
    type: FieldType
    role: Role
    title: str
    description: str
    example: str = ""
    aliases: Annotated[tuple[str, ...], BeforeValidator(lambda v: v or ())] = ()
    pattern: str | None = None
    values: tuple[str, ...] = ()
    value_aliases: dict[str, str] = {}
    minimum: float | None = None
    maximum: float | Literal["extract_year"] | None = None
    personal: bool = False
    pseudonym: str | None = None
    taken_from: str | None = None
    age_band: AgeBand | None = None
    public: tuple[PublicKind, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Field:
        if self.type == "enum" and not self.values:
            raise ValueError("un champ de type « enum » doit énumérer ses valeurs (values)")
        if self.pattern is not None:
            re.compile(self.pattern)
        unknown = set(self.value_aliases.values()) - set(self.values)
        if unknown and self.type != "list":
            raise ValueError(f"value_aliases vise des valeurs inconnues : {', '.join(sorted(unknown))}")
        return self

    @property
    def is_required(self) -> bool:
        """K and C columns: the file is refused without them, the line without their value."""
        return self.role != "o"

    @property
    def is_identifier(self) -> bool:
        """A text that names something else than itself: exact, or worth nothing (exports §2, Excel's damage)."""
        return self.type in ("code", "text") and (
            self.role == "K" or self.type == "code" or bool(_IDENTIFIER.match(self.name))
        )

    @property
    def output_columns(self) -> dict[str, str]:
        """Columns this field leaves in the lake, with their DuckDB type."""
        if self.pseudonym:
            return {self.pseudonym: "VARCHAR"}
        if self.age_band:
            return {self.age_band.column: "VARCHAR"}
        return {self.name: DUCKDB_TYPES.get(self.type, "VARCHAR")}

    @property
    def headers(self) -> tuple[str, ...]:
        """Every spelling that names this field, its own name first."""
        return (self.name, self.title, *self.aliases)


class NumberRange(_Strict):
    """`first` to `last` inclusive are consecutive numbers of one length, `max_count` at most."""

    kind: Literal["number_range"]
    first: str
    last: str
    max_count: int


class GroupPasses(_Strict):
    """Lines at the grain of a pass become one row a carnet: `number` gives `first` and `last`."""

    kind: Literal["group"]
    by: str
    number: str
    first: str
    last: str
    max_count: int = 50


class SplitPasses(_Strict):
    """Lines with several passes in the cell `field` become one row a pass.

    The row's key `key_into` is `<key>-<pass>`; the columns of `share` are shared out to the cent over
    the passes.
    """

    kind: Literal["split"]
    field: str
    into: str
    key: str
    key_into: str
    share: tuple[str, ...] = ()


Reshape = Annotated[GroupPasses | SplitPasses, Setting(discriminator="kind")]


class Contract(_Strict):
    """One layout of one data set. Several layouts (grains) may load the same data set."""

    dataset: Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*$")]
    layout: Annotated[str, Setting(pattern=r"^[a-z][a-z0-9_]*$")]
    title: str
    description: str
    owner: str
    fields: tuple[Field, ...]
    rules: tuple[NumberRange, ...] = ()
    reshape: Reshape | None = None
    source_path: Path | None = None

    @model_validator(mode="after")
    def _check(self) -> Contract:
        names = [f.name for f in self.fields]
        doubled = sorted({n for n in names if names.count(n) > 1})
        if doubled:
            raise ValueError(f"champ décrit deux fois : {', '.join(doubled)}")
        if not self.keys:
            raise ValueError("aucun champ clé (role: K)")
        owners: dict[str, str] = {}
        for field in self.fields:
            for header in field.headers:
                other = owners.setdefault(normalise_header(header), field.name)
                if other != field.name and header != field.title:
                    raise ValueError(f"l’en-tête « {header} » désigne à la fois {other} et {field.name}")
        for field in self.fields:
            if field.age_band and field.age_band.at not in names:
                raise ValueError(f"age_band de {field.name} : le champ {field.age_band.at} n’existe pas")
        for field in self.fields:
            if field.taken_from and not (field.taken_from in names and field.type == "list"):
                raise ValueError(f"taken_from de {field.name} : il faut une liste, et un champ qui existe")
        for rule in self.rules:
            for name in (rule.first, rule.last):
                if name not in names:
                    raise ValueError(f"règle {rule.kind} : le champ {name} n’existe pas")
        self._check_reshape(names)
        return self

    def _check_reshape(self, names: list[str]) -> None:
        how = self.reshape
        if how is None:
            return
        used = (how.by, how.number) if isinstance(how, GroupPasses) else (how.field, how.key, *how.share)
        for name in used:
            if name not in names:
                raise ValueError(f"reshape : le champ {name} n’existe pas")

    @property
    def keys(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.role == "K")

    @property
    def required(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.is_required)

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        return next((f for f in self.fields if f.name == name), None) or _missing(name)

    @cached_property
    def header_ranks(self) -> dict[str, tuple[str, int]]:
        """Normalised header → (field, rank): its own name is rank 0, its title and aliases come after."""
        ranks: dict[str, tuple[str, int]] = {}
        for field in self.fields:
            for header in field.headers:
                rank = 0 if header == field.name else 1
                ranks.setdefault(normalise_header(header), (field.name, rank))
        return ranks

    @property
    def output_columns(self) -> dict[str, str]:
        """Columns of rows.parquet (name → DuckDB type), provenance last. Grain: one accepted row."""
        columns: dict[str, str] = {}
        for field in self.fields:
            columns |= field.output_columns
        how = self.reshape
        if isinstance(how, GroupPasses):
            columns |= {how.first: columns[how.number], how.last: columns.pop(how.number)}
        elif isinstance(how, SplitPasses):
            columns |= {how.into: columns.pop(how.field), how.key_into: columns.pop(how.key)}
        return columns | PROVENANCE


def _missing(name: str) -> Field:
    raise KeyError(name)


def contracts_folder(folder: Path | None = None) -> Path:
    """The folder of contracts: the argument, else PASSNUM_CONTRACTS, else the one shipped."""
    configured = os.environ.get(CONTRACTS_VARIABLE)
    return folder or (Path(configured) if configured else CONTRACTS_FOLDER)


def load_layouts(folder: Path | None = None) -> list[Contract]:
    """Every layout, the data sets' own first. Raises ContractError (French) on a wrong contract."""
    folder = contracts_folder(folder)
    layouts = [_load_one(path) for path in sorted(folder.glob("*.yaml"))]
    if not layouts:
        raise ContractError(f"Aucun contrat (fichier .yaml) dans {folder}.")
    own = {c.dataset: c for c in layouts if c.reshape is None and c.layout == c.dataset}
    for contract in layouts:
        if contract.dataset not in own:
            raise ContractError(f"{contract.layout} : {contract.dataset} n’a pas de contrat propre.")
        strangers = set(contract.output_columns) - set(own[contract.dataset].output_columns)
        if strangers:
            raise ContractError(
                f"{contract.layout} : colonnes inconnues de {contract.dataset} : {', '.join(sorted(strangers))}."
            )
    return sorted(layouts, key=lambda c: (c.layout != c.dataset, c.layout))


def load_contracts(folder: Path | None = None) -> dict[str, Contract]:
    """The own contract of each data set, by data set: it defines the columns of the lake."""
    return {c.dataset: c for c in load_layouts(folder) if c.layout == c.dataset}


def _load_one(path: Path) -> Contract:
    status = path.stat()
    return _load_version(path, status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=256)
def _load_version(path: Path, *_version: int) -> Contract:
    # BaseLoader keeps every scalar as text: an alias written `no` must not become a boolean.
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        return Contract.model_validate({**content, "source_path": path})
    except yaml.YAMLError as error:
        raise ContractError(f"{path.name} : ce fichier n’est pas du YAML lisible ({error}).") from error
    except (ValidationError, TypeError) as error:
        raise ContractError(f"{path.name} : contrat incorrect.\n{_explain(error)}") from error


def _explain(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "Le fichier doit décrire un jeu de données (dataset, layout, title, fields…)."
    lines = []
    for item in error.errors():
        where = " › ".join(str(part) for part in item["loc"]) or "contrat"
        lines.append(f"  {where} : {item['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
