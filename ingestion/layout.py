"""Which layout a file has, by its headers: every separator and every contract is tried on the first records.

Does not live here: spelling of headers (contract), reading (reader).
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from ingestion.contract import Contract, normalise_header
from ingestion.personal import looks_like_value, show_header
from ingestion.proof import Proof, is_distinctive, prove
from ingestion.refusal import Refusal

HEADER_SEARCH_RECORDS = 50
_NO_DIGIT = re.compile(r"[^0-9]+")


@dataclass(frozen=True)
class Candidate:
    """A record that may be the header: `index` among the records read, `line` in the file, its cells.

    `rows`: those of a sheet that it takes, `line` being the last (two where cells are merged over two).
    """

    index: int
    line: int
    cells: tuple[str, ...]
    separator: str | None
    rows: int = 1


@dataclass(frozen=True)
class Match:
    """A candidate read under a contract. `columns`: field → position of its column."""

    contract: Contract
    candidate: Candidate
    columns: dict[str, int]
    doubled: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.contract.required if f.name not in self.columns)

    @property
    def ignored(self) -> dict[int, str]:
        """Position → header, as it may be told, of the columns outside the contract (unnamed ones apart)."""
        used = set(self.columns.values())
        return {i: show_header(c.strip(), i) for i, c in enumerate(self.candidate.cells) if c.strip() and i not in used}

    @property
    def rank(self) -> tuple:
        """The best match has the greatest rank: complete, then most fields, own layout, one row, earliest record."""
        own = self.contract.layout == self.contract.dataset
        return (not self.missing, len(self.columns), own, -self.candidate.rows, -self.candidate.index)

    @property
    def share(self) -> float:
        """Share of the required columns found, the natural key weighing a little more."""
        required = self.contract.required
        return (len(required) - len(self.missing)) / len(required)


def match_header(candidate: Candidate, contract: Contract) -> Match:
    """Assign the cells to the fields. A field's own name wins over its aliases; two equal claims are `doubled`."""
    claims: dict[str, list[tuple[int, int]]] = {}
    for position, cell in enumerate(candidate.cells):
        found = contract.header_ranks.get(normalise_header(cell)) if cell.strip() else None
        if found:
            claims.setdefault(found[0], []).append((found[1], position))
    columns, doubled = {}, []
    for field, claimed in claims.items():
        best = min(rank for rank, _ in claimed)
        positions = [position for rank, position in claimed if rank == best]
        columns[field] = positions[0]
        if len(positions) > 1:
            doubled.append(field)
    return Match(contract, candidate, columns, tuple(doubled))


def choose(candidates: list[Candidate], layouts: list[Contract]) -> Match:
    """The layout of a file: its keys and critical columns, and what makes it this export (exports §3).

    Raises Refusal `missing_columns` or `unknown_layout`, naming what was found.
    """
    named = _naming_a_field(candidates, layouts)
    matches = [match_header(c, layout) for c in named for layout in layouts]
    matches = [m for m in matches if m.columns]
    complete = sorted((m for m in matches if not m.missing), key=lambda m: m.rank, reverse=True)
    # the first header holds, however rich a later one is: what stands between them is data
    for match in sorted(complete, key=lambda m: m.candidate.line):
        if prove_match(match, candidates).holds:
            if match.doubled:
                raise _doubled(match)
            return match
    if complete:
        raise _unproven(complete[0], layouts)
    nearly = [m for m in matches if _is_nearly(m)]
    if nearly:
        raise _missing(max(nearly, key=lambda m: (m.share, *m.rank)))
    raise _unknown(candidates, matches, layouts)


def prove_match(match: Match, candidates: list[Candidate]) -> Proof:
    """What speaks for a complete match: its headers, and the values of the first records below it."""
    header = match.candidate
    rows = [
        c.cells for c in candidates
        if c.separator == header.separator and c.line > header.line and len(c.cells) == len(header.cells)
    ]  # fmt: skip
    return prove(match.contract, header.cells, match.columns, rows)


def _unproven(match: Match, layouts: list[Contract]) -> Refusal:
    found = ", ".join(f"« {match.candidate.cells[place].strip()} »" for place in match.columns.values())
    own = ", ".join(f.name for f in match.contract.fields if is_distinctive(f.name, f.name))
    return Refusal(
        "unknown_layout",
        f"Les en-têtes {found} (ligne {match.candidate.line}) sont ceux de bien des listes : ni d’autres colonnes ni "
        f"les valeurs ne montrent que c’est l’export « {match.contract.title} ».",
        f"Si c’est bien cet export, donnez-lui aussi les colonnes qui lui sont propres ({own}). Sinon, il n’a pas à "
        "être déposé ici.",
        layout=match.contract.layout,
        unknown=shown_headers(match),
    )


def _naming_a_field(candidates: list[Candidate], layouts: list[Contract]) -> list[Candidate]:
    """The candidates with a header of some layout: most of the first records are data, and are told so cheaply."""
    known = frozenset().union(*(layout.header_ranks for layout in layouts))
    digits = {_digits(name) for name in known}
    cells = {cell for candidate in candidates for cell in candidate.cells}
    # a spelling keeps its digits: a date or an amount is no header, and most cells are one
    plausible = [c for c in cells if not c.isascii() or _digits(c) in digits]
    named = {c for c in plausible if normalise_header(c) in known}
    return [c for c in candidates if not named.isdisjoint(c.cells)]


def _digits(text: str) -> str:
    return _NO_DIGIT.sub("", text)


def _is_nearly(match: Match) -> bool:
    found = len(match.contract.required) - len(match.missing)
    has_key = all(key.name in match.columns for key in match.contract.keys)
    return (match.share >= 0.5 and len(match.columns) >= 2) or (has_key and found >= 3)


def _doubled(match: Match) -> Refusal:
    names = ", ".join(match.doubled)
    return Refusal(
        "unknown_layout",
        f"Plusieurs colonnes peuvent être le champ {names} (ligne d’en-tête {match.candidate.line}).",
        "Ne gardez qu’une colonne par champ, ou renommez celle qui n’est pas la bonne.",
        layout=match.contract.layout,
    )


def _missing(match: Match) -> Refusal:
    contract = match.contract
    unknown = shown_headers(match)
    return Refusal(
        "missing_columns",
        f"Le fichier ressemble à « {contract.title} », mais il lui manque : {', '.join(match.missing)}.",
        "Ajoutez ces colonnes à l’export. Si elles y sont sous un autre nom, ajoutez ce nom aux « aliases » du "
        f"contrat {contract.layout} (commande « passnum map »).",
        layout=contract.layout,
        missing=match.missing,
        unknown=unknown,
    )


def _unknown(candidates: list[Candidate], matches: list[Match], layouts: list[Contract]) -> Refusal:
    # a line of data may hold the name of a column by chance (« émis »): only what looks like a header is one
    named = [m for m in matches if is_header_like(m.candidate.cells)]
    guessed = guess_header(candidates, layouts)
    best = max(named, key=lambda m: (m.share, *m.rank), default=None)
    if best is None or (guessed and len(best.columns) < 2 and _width(guessed.candidate) > _width(best.candidate)):
        best = guessed
    if best is None:
        is_sheet = any(c.separator is None for c in candidates)
        parted = "un par cellule" if is_sheet else "séparés par « ; », « , », « | » ou une tabulation"
        return Refusal(
            "unknown_layout",
            "Aucune ligne d’en-tête n’a été reconnue dans les 50 premières lignes du fichier.",
            f"Vérifiez que la première ligne porte les noms des colonnes, {parted}.",
        )
    unknown = shown_headers(best)
    if not best.columns and not header_likeness(best.candidate.cells, best.contract):
        titles = ", ".join(f"« {c.title} »" for c in layouts if c.layout == c.dataset)
        return Refusal(
            "unknown_layout",
            f"Les en-têtes (ligne {best.candidate.line}) ne ressemblent à ceux d’aucun export connu.",
            f"Les exports connus sont : {titles}. Si le fichier est l’un d’eux, faites correspondre ses colonnes avec "
            "la commande « passnum map ». Sinon, il n’a pas à être déposé ici.",
            unknown=unknown,
        )
    return Refusal(
        "unknown_layout",
        f"Les en-têtes (ligne {best.candidate.line}) ne sont ceux d’aucun export connu ; le plus proche est "
        f"« {best.contract.title} ».",
        "Si c’est bien cet export, faites correspondre les colonnes avec la commande « passnum map ».",
        layout=best.contract.layout,
        missing=best.missing,
        unknown=unknown,
    )


def _width(candidate: Candidate) -> int:
    return sum(bool(c.strip()) for c in candidate.cells)


def guess_header(candidates: list[Candidate], layouts: list[Contract]) -> Match | None:
    """The record that most looks like a header, under the contract whose headers are most alike."""
    plausible = [c for c in candidates if is_header_like(c.cells)]
    if not plausible:
        return None
    widest = max(plausible, key=lambda c: (len([x for x in c.cells if x.strip()]), -c.index))
    return max(
        (match_header(widest, layout) for layout in layouts),
        key=lambda m: (len(m.columns), header_likeness(widest.cells, m.contract), *m.rank),
    )


def header_likeness(cells: tuple[str, ...], contract: Contract) -> float:
    """Sum over the fields of the likeness (0–1) of their nearest header; small ones count for nothing."""
    headers = [normalise_header(c) for c in cells[:200] if c.strip()]
    total = 0.0
    for field in contract.fields:
        best = max((likeness(h, field.name) for h in headers), default=0.0)
        total += best if best >= 0.6 else 0.0
    return total


def likeness(header: str, field_name: str) -> float:
    """Likeness (0–1) of a normalised header and a field's name."""
    return difflib.SequenceMatcher(None, header, normalise_header(field_name)).ratio()


def is_header_like(cells: tuple[str, ...]) -> bool:
    """Words, all different, none a value: safe to quote in a report, where data never are."""
    words = [c.strip() for c in cells if c.strip()]
    return (
        len(words) >= 2
        and len(set(words)) == len(words)
        and all(re.search(r"[^\W\d_]", w) and len(w) <= 80 and not looks_like_value(w) for w in words)
    )


def shown_headers(match: Match) -> tuple[str, ...]:
    """The unknown columns by name, unless the line may hold data rather than names."""
    return tuple(match.ignored.values()) if is_header_like(match.candidate.cells) else ()
