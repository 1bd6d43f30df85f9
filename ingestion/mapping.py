"""`passnum map`: for an export whose headers nobody has seen yet, proposes the layout and, column by column, the field.

Writes nothing but aliases, on confirmation, into the contract's YAML. Does not live here: the measure of a fit
(evidence), the command line (orchestration).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from scipy.optimize import linear_sum_assignment

from ingestion.content import read_in_place
from ingestion.contract import Contract, ContractError, Field, contracts_folder, load_layouts, normalise_header
from ingestion.evidence import Column, Fit, Known, find_range, fit, is_complete_for
from ingestion.lake import Lake
from ingestion.landing import list_files
from ingestion.layout import Candidate, choose, is_header_like
from ingestion.personal import FREE_TYPES, NAME_LIKE, PERSON_LEVEL, show_header, show_shape
from ingestion.personal_text import MASK, mask_inside, mask_name, mask_sentence
from ingestion.proof import LEAST_RIGHT, STRONG, TELLING_TYPES, is_distinctive
from ingestion.reader import candidates_of, sample_below
from ingestion.refusal import Refusal
from ingestion.unpack import Member, unpack
from presentation.system_errors import tell_error
from storage.atomic import write_atomically

ACCEPTED_SCORE, ACCEPTED_REQUIRED_SCORE = 0.4, 0.33
"""Below it a pair is not even proposed; settled on the invented exports of the tests."""
RANGE_SCORE, IMPOSED_SCORE = 0.8, 10.0
"""Two columns that give first and last passes prove each other; what a person imposes outweighs anything."""
SURE_HEADER, SURE_KNOWN = 0.75, 0.9
"""A pair is sure by its header, or by values the lake knows; every other one is told doubtful."""
SAMPLES = 3


class MappingError(Exception):
    """A file cannot be mapped or a contract not written; the message is French."""


@dataclass(frozen=True)
class ColumnProposal:
    """One column: the field proposed (None: left out), how sure (0–1), why (French), masked samples."""

    header: str
    field: str | None
    title: str
    score: float
    is_sure: bool
    is_known: bool
    why: str
    samples: tuple[str, ...]
    personal: str | None


@dataclass(frozen=True)
class Proposal:
    """One table. `missing`: required fields no column holds, `unfilled_titles`: optional ones.

    `doubtful`: headers to look at again.
    """

    file_name: str
    layout: str
    title: str
    header_line: int
    columns: tuple[ColumnProposal, ...]
    missing: tuple[str, ...]
    missing_titles: tuple[str, ...] = ()
    unfilled_titles: tuple[str, ...] = ()

    @property
    def doubtful(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns if c.field and not c.is_sure)

    @property
    def aliases(self) -> dict[str, str]:
        """Header → field, for every proposed column; what `write_aliases` takes."""
        return {c.header: c.field for c in self.columns if c.field}

    @property
    def new_aliases(self) -> dict[str, str]:
        """Those the contract does not know yet."""
        return {c.header: c.field for c in self.columns if c.field and not c.is_known}

    @property
    def is_complete(self) -> bool:
        return not self.missing


def propose(
    paths: Iterable[Path],
    *,
    lake: Lake | None = None,
    layouts: list[Contract] | None = None,
    layout: str | None = None,
    imposed: Mapping[str, str] | None = None,
) -> list[Proposal]:
    """Propose a layout and a field a column for each table of the files. Raises MappingError (French).

    `lake`: what it knows (pass numbers, carnets, SIRET of lieux) tells columns apart. `layout` imposes one;
    `imposed` (header → field, empty to leave the column out) corrects a proposal.
    """
    layouts = load_layouts() if layouts is None else layouts
    known = Known.of(lake)
    chosen = [c for c in layouts if layout in (None, c.layout)]
    if not chosen:
        names = ", ".join(c.layout for c in layouts)
        raise MappingError(f"Format inconnu : {layout}. Formats possibles : {names}.")
    wanted = {normalise_header(header): name for header, name in (imposed or {}).items()}
    chosen = _with_fields(chosen, wanted)
    tables = [(member, _read(member, chosen)) for path in list_files(paths) for member in _members(*path)]
    present = {normalise_header(c.header) for _, (_, _, columns) in tables for c in columns}
    absent = [header for header in imposed or {} if normalise_header(header) not in present]
    if absent:
        raise MappingError(f"Aucune colonne ne s’appelle « {absent[0]} » dans ce qui a été désigné.")
    proposals = [_propose(*table, chosen, known, wanted) for _, table in tables]
    for (member, _), proposal in zip(tables, proposals, strict=True):
        if proposal.is_complete and not proposal.new_aliases:
            _refuse_unproven(member, layouts)
    return proposals


def _refuse_unproven(member: Member, layouts: list[Contract]) -> None:
    """A file whose headers are all known and that `check` refuses all the same is refused here too, as it tells it."""
    try:
        choose(candidates_of(member), layouts)
    except Refusal as refusal:
        raise MappingError(f"{member.name} : {refusal.explanation} {refusal.remedy}") from refusal


def _with_fields(layouts: list[Contract], wanted: Mapping[str, str]) -> list[Contract]:
    """The layouts that have every field imposed."""
    for name in filter(None, wanted.values()):
        layouts = [c for c in layouts if name in {f.name for f in c.fields}]
        if not layouts:
            raise MappingError(f"Aucun format possible n’a de champ « {name} » avec les autres champs imposés.")
    return layouts


def _members(path: Path, is_named: bool) -> list[Member]:
    try:
        return list(unpack(path.name, read_in_place(path, through_links=is_named)))
    except OSError as error:
        raise MappingError(f"{mask_name(str(path))} ne peut pas être ouvert ({tell_error(error)}).") from error
    except Refusal as refusal:
        raise MappingError(f"{mask_name(path.name)} : {refusal.explanation} {refusal.remedy}") from refusal


def _read(member: Member, layouts: list[Contract]) -> tuple[str, Candidate, list[Column]]:
    try:
        header = _header_of(candidates_of(member), layouts)
        if header is None:
            raise MappingError(f"{member.name} : aucune ligne d’en-tête n’a été trouvée.")
        sample = sample_below(member, header)
    except Refusal as refusal:
        raise MappingError(f"{member.name} : {refusal.explanation} {refusal.remedy}") from refusal
    named = [(i, h.strip()) for i, h in enumerate(header.cells) if h.strip()]
    return member.name, header, [Column.of(i, h, sample[f"c{i}"]) for i, h in named]


def _propose(
    name: str,
    header: Candidate,
    columns: list[Column],
    layouts: list[Contract],
    known: Known,
    wanted: Mapping[str, str],
) -> Proposal:
    pairs = {c.layout: _assign(columns, c, known, wanted) for c in layouts}
    best = max(layouts, key=lambda c: _worth(pairs[c.layout], c, columns))
    return _tell(name, header, columns, best, pairs[best.layout])


def _header_of(candidates: list[Candidate], layouts: list[Contract]) -> Candidate | None:
    """The record that most looks like a line of headers: the widest, recognised cells counting most."""
    plausible = [c for c in candidates if is_header_like(c.cells)]
    known = set().union(*(c.header_ranks for c in layouts))

    def worth(candidate: Candidate) -> tuple:
        named = [c for c in candidate.cells if c.strip()]
        recognised = sum(normalise_header(c) in known for c in named)
        return (len(named) + recognised, -candidate.index)

    return max(plausible, key=worth, default=None)


def _assign(
    columns: list[Column], contract: Contract, known: Known, wanted: Mapping[str, str]
) -> dict[int, tuple[str, Fit]]:
    """Best one-to-one pairing of columns and fields; pairs too weak to propose are left out."""
    names = [f.name for f in contract.fields]
    fits = [[_fit_or_known(column, contract, name, known) for name in names] for column in columns]
    for rule in contract.rules:
        for place, name in zip(find_range(columns, rule), (rule.first, rule.last), strict=False):
            found = fits[place][names.index(name)]
            fits[place][names.index(name)] = replace(found, score=max(found.score, RANGE_SCORE))
    for place, column in enumerate(columns):
        if normalise_header(column.header) in wanted:
            name = wanted[normalise_header(column.header)]
            fits[place] = [
                replace(f, score=IMPOSED_SCORE * (n == name)) for f, n in zip(fits[place], names, strict=True)
            ]
    scores = np.array([[f.score for f in row] for row in fits]).reshape(len(columns), len(contract.fields))
    rows, fields = linear_sum_assignment(-scores)
    return {
        columns[r].position: (contract.fields[f].name, fits[r][f])
        for r, f in zip(rows, fields, strict=True)
        if fits[r][f].score >= (ACCEPTED_REQUIRED_SCORE if contract.fields[f].is_required else ACCEPTED_SCORE)
    }


def _fit_or_known(column: Column, contract: Contract, name: str, known: Known) -> Fit:
    recognised = contract.header_ranks.get(normalise_header(column.header))
    found = fit(column, contract.field(name), known)
    if recognised and recognised[0] == name:
        return Fit(1.0, found.values, found.known, 1.0 + found.score)
    if contract.field(name).personal or contract.dataset == "lieux":
        return found
    return replace(found, score=found.score * 0.5) if column.personal else found


def _worth(pairs: dict[int, tuple[str, Fit]], contract: Contract, columns: list[Column]) -> tuple:
    names = {name for name, _ in pairs.values()}
    required = [f.name for f in contract.required]
    found = [min(1.0, f.score) for name, f in pairs.values() if name in required]
    total = sum(min(1.0, f.score) for _, f in pairs.values())
    is_whole = is_complete_for(contract, names) and _is_proven(pairs, contract, columns)
    # a layout of two required fields is found in any export: what it leaves unexplained counts as much
    return (is_whole, sum(found) / len(required) + total / max(1, len(columns)), total)


def _is_proven(pairs: dict[int, tuple[str, Fit]], contract: Contract, columns: list[Column]) -> bool:
    """Whether something makes these columns that export rather than any list, as `choose` asks of a file (layout)."""
    headers = {column.position: column.header for column in columns}
    named = [
        name for place, (name, found) in pairs.items()
        if found.score >= IMPOSED_SCORE or (found.header >= SURE_HEADER and is_distinctive(name, headers[place]))
    ]  # fmt: skip
    telling = [
        name for name, found in pairs.values()
        if found.score >= IMPOSED_SCORE or (found.known or 0.0) >= LEAST_RIGHT
        or (contract.field(name).type in TELLING_TYPES and found.values >= LEAST_RIGHT)
    ]  # fmt: skip
    is_named = bool(named) and len(pairs) > len(columns) - len(pairs)
    return len(named) >= STRONG or is_named or bool(telling)


def _tell(
    file_name: str, header: Candidate, columns: list[Column], contract: Contract, pairs: dict[int, tuple[str, Fit]]
) -> Proposal:
    names = {name for name, _ in pairs.values()}
    return Proposal(
        file_name=file_name,
        layout=contract.layout,
        title=contract.title,
        header_line=header.line,
        columns=tuple(_tell_column(c, contract, pairs.get(c.position)) for c in columns),
        missing=tuple(f.name for f in contract.required if f.name not in names),
        unfilled_titles=tuple(f.title for f in contract.fields if f.name not in names and not f.is_required),
        missing_titles=tuple(f"{f.title} ({f.name})" for f in contract.required if f.name not in names),
    )


def _tell_column(column: Column, contract: Contract, pair: tuple[str, Fit] | None) -> ColumnProposal:
    personal, shown = column.personal, mask_sentence(column.header)
    if shown != column.header:
        return ColumnProposal(shown, None, "", 0.0, True, False, "son en-tête est une donnée personnelle", (), personal)
    is_person_level = contract.dataset in PERSON_LEVEL
    if pair is None:
        is_name = personal is not None or column.values.str.contains(NAME_LIKE).any()
        samples = _samples(column, hide=is_name, shapes=is_person_level)
        header = show_header(column.header, column.position)
        why = "aucun champ ne lui ressemble assez"
        return ColumnProposal(header, None, "", 0.0, True, False, why, samples, personal)
    name, found = pair
    field = contract.field(name)
    is_known = contract.header_ranks.get(normalise_header(column.header), ("", 0))[0] == name
    is_imposed = found.score >= IMPOSED_SCORE
    return ColumnProposal(
        header=column.header,
        field=name,
        title=field.title,
        score=min(1.0, found.score),
        is_sure=is_known or is_imposed or _is_sure(found),
        is_known=is_known,
        why=("imposé, " if is_imposed else "") + _why(found, is_known),
        samples=_samples(
            column,
            hide=field.personal or (personal is not None and contract.dataset != "lieux"),
            shapes=is_person_level and (field.type in FREE_TYPES or found.values < 1),
        ),
        personal=_fate(field) if field.personal else None,
    )


def _fate(field: Field) -> str:
    """What becomes of a personal column of the contract, in French."""
    if field.pseudonym:
        return "remplacée par un pseudonyme à l’entrée"
    return "remplacée par une tranche d’âge à l’entrée" if field.age_band else "donnée personnelle"


def _is_sure(found: Fit) -> bool:
    return found.values >= 0.9 and (found.header >= SURE_HEADER or (found.known or 0.0) >= SURE_KNOWN)


def _why(found: Fit, is_known: bool) -> str:
    reasons = ["en-tête déjà connu" if is_known else f"en-tête ressemblant à {found.header:.0%}"]
    reasons.append(f"{found.values:.0%} des valeurs conviennent")
    if found.known is not None:
        reasons.append(f"{found.known:.0%} sont connues de l’entrepôt")
    return ", ".join(reasons).replace("%", " %")


def _samples(column: Column, *, hide: bool, shapes: bool) -> tuple[str, ...]:
    """The first values, as they may be shown; by their shape where a line is one person's (exports §4)."""
    values = column.values.unique(maintain_order=True).head(SAMPLES)
    if hide:
        return (MASK,) * min(1, len(values))
    if shapes:
        return tuple(show_shape(values).unique(maintain_order=True).str.slice(0, 40))
    return tuple(values.to_frame("v").select(mask_inside(pl.col("v")).str.slice(0, 40)).to_series())


# --- writing ---------------------------------------------------------------------------------------------


def write_aliases(layout: str, aliases: dict[str, str], *, folder: Path | None = None) -> Path:
    """Add each header (→ field) to the aliases of a layout's YAML; the rest of the file is untouched.

    A header already known is left out. Raises MappingError, the file unchanged, when the field is unknown or the
    contract would become ambiguous. Returns the file's path.
    """
    folder = contracts_folder(folder)
    contract = next((c for c in load_layouts(folder) if c.layout == layout), None)
    if contract is None or contract.source_path is None:
        raise MappingError(f"Format inconnu : {layout}.")
    path = contract.source_path
    before = path.read_bytes()
    text = before.decode()
    for header, name in aliases.items():
        known = contract.header_ranks.get(normalise_header(header))
        if known and known[0] == name:
            continue
        if known:
            raise MappingError(f"L’en-tête « {header} » désigne déjà le champ {known[0]} du contrat {layout}.")
        if name not in {f.name for f in contract.fields}:
            raise MappingError(f"Le champ {name} n’existe pas dans le contrat {layout}.")
        text = _add_alias(text, name, header)
    write_atomically(path, text.encode())
    try:
        after = next(c for c in load_layouts(folder) if c.layout == layout)
        lost = [h for h, n in aliases.items() if after.header_ranks.get(normalise_header(h), ("", 0))[0] != n]
    except ContractError as error:
        write_atomically(path, before)
        raise MappingError(f"Ces noms rendraient le contrat ambigu, rien n’est écrit. {error}") from error
    if lost:
        write_atomically(path, before)
        raise MappingError(f"Ces en-têtes n’ont pas pu être ajoutés à {path.name} : {', '.join(lost)}.")
    return path


def _add_alias(text: str, name: str, header: str) -> str:
    """Insert one quoted alias into the `aliases: […]` line of a field, or add that line."""
    quoted = "'" + re.sub(r"\s+", " ", header).replace("'", "''") + "'"
    block = re.compile(rf"(?ms)^(?P<i> *)- name: {re.escape(name)} *\n(?P<body>.*?)(?=^ *- name: |^[a-z]|\Z)")
    found = block.search(text)
    if found is None:
        raise MappingError(f"Le champ {name} n’a pas été trouvé dans le fichier du contrat.")
    body = found["body"]
    line = re.search(r"(?m)^ *aliases: *\[(?P<list>[^\n]*)\] *$", body)
    if line:
        inside = f"{line['list']}, {quoted}" if line["list"].strip() else quoted
        changed = body[: line.start("list")] + inside + body[line.end("list") :]
    else:
        changed = body.rstrip("\n") + f"\n{found['i']}  aliases: [{quoted}]\n"
    return text[: found.start("body")] + changed + text[found.end("body") :]
