"""Figures are computed in dbt: the SQL of pages and documents selects and adds up months, their Python lays out.

Refused, with its file and line: arithmetic in SQL, an aggregate that does not add up, a `case`, and a table of lines
(docs/adr/0016). What each rule is made of stands in one place: `test_the_words_of_a_rule_stand_in_one_place`.
"""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

from orchestration.exposures import parse, texts

ROOT = Path(__file__).parents[2]
READERS = sorted(path for room in ("presentation", "reporting", "dashboards") for path in (ROOT / room).rglob("*.py"))

# --- SQL ---

_SQL = re.compile(r"\b(?:select|from|sum|count|min|max|avg|coalesce)\b[\s(*{]")
#: Text and comments of SQL are no arithmetic; a cast, a path and a lambda neither.
_LEFT_OUT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|->")
_ARITHMETIC = re.compile(r"[-+/%]|(?<=[\w)}])\s*(?<!select)(?<!distinct)(?<!over)\s\*|(?<=[\w)}])\*")
#: Not additive, or a figure of its own: round, a quotient's parts, a window that runs.
_REFUSED = (
    "avg", "mean", "median", "mode", "quantile", "quantile_cont", "stddev", "variance", "product", "abs", "round",
    "floor", "ceil", "least", "greatest", "power", "sqrt", "exp", "ln", "lag", "lead",
)  # fmt: skip
_FUNCTION = re.compile(rf"\b(?:{'|'.join(_REFUSED)})\s*\(")
_DISTINCT = re.compile(r"\b(?:count|sum)\s*\(\s*distinct\b")
#: A sum is of a column of a mart: of its months, of its places.
_SUM = re.compile(r"\bsum\s*\((?!\s*[\w.]*(?:\{\}[\w.]*)*\s*\))")
_RUNNING = re.compile(r"\b(?:sum|count)\s*\([^()]*\)\s*over\b")
_CASE = re.compile(r"\bcase\b")
_LINES = re.compile(r"\bproof\.\w+|\bcore\.(?:fct_\w+|dim_carnet|dim_person)\b")
_RULES = {
    "arithmetic": _ARITHMETIC, "function": _FUNCTION, "distinct count": _DISTINCT, "sum of an expression": _SUM,
    "running sum": _RUNNING, "case": _CASE, "table of lines": _LINES,
}  # fmt: skip

#: Allowed by name: (file, construct) → why. A line of this list that refuses nothing any more fails.
ALLOWED = {
    ("reporting/quality/sources.py", "table of lines"): "numbers of passes and carnets are looked for, to be masked",
    ("reporting/quality/seen.py", "table of lines"): "the lines that a structure itself sees, to name them to it",
    ("reporting/mandate/operations.py", "table of lines"): "the account is kept to the pass, as it is when it closes",
    **dict.fromkeys(
        [
            (f"reporting/mandate/{module}.py", name)
            for module in ("operations", "balances")
            for name in ("case", "arithmetic", "sum of an expression")
        ],
        "the chart of accounts of the version, applied to the operations of a frozen edition, which holds no sums",
    ),
    (
        "reporting/analysts.py",
        "sum of an expression",
    ): "a copy of the contributions without their line, column by column",
    (
        "reporting/mandate/balances.py",
        "running sum",
    ): "since when a claim is owed: its oldest euro nobody paid, no figure",
    ("reporting/mandate/differences.py", "table of lines"): "the lines behind a move, to name them",
    ("reporting/mandate/differences.py", "case"): "which state of an operation is shown",
}


def refused(sql: str) -> dict[str, str]:
    """Construct → what of `sql` is one."""
    plain = _LEFT_OUT.sub(" ", sql.lower())
    return {name: found[0].strip() for name, rule in _RULES.items() if (found := rule.search(plain))}


def _found() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for path in READERS:
        name = path.relative_to(ROOT).as_posix()
        for line, text in texts(parse(path)):
            if _SQL.search(text):
                for construct, what in refused(text).items():
                    found.setdefault((name, construct), []).append(f"{name}:{line}: {construct} « {what} »")
    return found


def test_the_sql_of_pages_and_documents_selects_and_adds_up_months() -> None:
    """A figure is computed once, in dbt; pages and exports only read marts (figures §5)."""
    wrong = [line for key, lines in _found().items() if key not in ALLOWED for line in lines]
    assert wrong == []


def test_no_exception_is_left_once_it_is_of_no_use() -> None:
    assert set(ALLOWED) - set(_found()) == set()


@pytest.mark.parametrize(
    ("sql", "construct"),
    [
        ("select passes * face_value_eur as euros from marts.t", "arithmetic"),
        ("select sum(a) / sum(b) from marts.t", "arithmetic"),
        ("select sum(due_eur) - sum(received_eur) from marts.t", "arithmetic"),
        ("select {}*2 from marts.t", "arithmetic"),
        ("select sum(case when x then 1 end) from marts.t", "case"),
        ("select sum(a + b) from marts.t", "sum of an expression"),
        ("select avg(hours) from marts.t", "function"),
        ("select least(rate, ceiling) from marts.t", "function"),
        ("select count(distinct lieu_siret) from marts.t", "distinct count"),
        ("select sum(value) over (order by month) from marts.t", "running sum"),
        ("select * from core.fct_redemption", "table of lines"),
        ("select event from proof.contribution", "table of lines"),
    ],
)
def test_a_computed_figure_is_refused(sql: str, construct: str) -> None:
    assert construct in refused(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from marts.t",
        "select t.*, name from marts.t as t -- not a - b",
        "select distinct * exclude (a) from marts.t",
        "select sum(passes)::bigint as passes, sum(t.{}) as {}, max(month) from marts.t group by all",
        "select sum(opening_eur) filter (where month = first_month) as o, count(*) as lines from marts.t",
        "select min(month) over (partition by year(month)) as first_month from marts.t",
        "select 'a - b' || name from marts.t where list_contains($codes, indicator)",
    ],
)
def test_a_selection_and_a_sum_of_months_are_not(sql: str) -> None:
    assert refused(sql) == {}


# --- The words of the rules ---

_MODELS = "dbt_project/models/"
_INTERMEDIATE = f"{_MODELS}proof/intermediate/"
_RULES_SQL = "dbt_project/macros/rules.sql"
#: A word as delivered, or as a rule writes it → the one place where the rule is. A second reader has its reason.
WORDS: dict[str, dict[str, str]] = {
    "remboursee": {
        _RULES_SQL: "is_reimbursed",
        "data_quality/suites/fct_redemption.py": "a check of what is written on a line that says it is paid",
    },
    "validee": {
        f"{_MODELS}core/fct_prescription.sql": "live prescription",
        "data_quality/suites/fct_redemption.py": "a check of uses that wait to be paid",
    },
    "enregistree": {"data_quality/suites/fct_redemption.py": "a check of uses that wait to be paid"},
    "rejetee": {_RULES_SQL: "withdrawn_because"},
    "annulee": {_RULES_SQL: "withdrawn_because"},
    "annule": {_RULES_SQL: "is_carnet_cancelled"},
    "retourne": {_RULES_SQL: "is_carnet_cancelled"},
    "perdu": {_RULES_SQL: "is_carnet_lost"},
    "vole": {_RULES_SQL: "is_carnet_lost"},
    "unknown_pass": {
        f"{_MODELS}core/intermediate/int_redemption.sql": "why a use is not counted",
        f"{_MODELS}core/fct_counter_payment.sql": "the cause of a receivable, from that reason",
        "data_quality/suites/fct_redemption.py": "a check of the uses that the rule left out",
        "data_quality/suites/lieu_behaviour.py": "a check of the lieux that have many of them",
    },
    "after_as_of": {
        f"{_MODELS}core/intermediate/int_redemption.sql": "why a use is not counted",
        f"{_MODELS}core/fct_counter_payment.sql": "the cause of a receivable, from that reason",
        f"{_MODELS}core/intermediate/int_line.sql": "what became of a line that is of later",
    },
    "duplicate_use": {
        f"{_MODELS}core/intermediate/int_redemption.sql": "why a use is not counted",
        f"{_MODELS}core/fct_counter_payment.sql": "the cause of a receivable, from that reason",
        "data_quality/suites/fct_redemption.py": "a check of the uses that the rule left out",
        f"{_MODELS}core/intermediate/int_line.sql": "what became of a line: the use that counts in its stead",
    },
    "in_stock": {
        f"{_MODELS}core/fct_pass.sql": "status of a pass",
        "dbt_project/seeds/indicator_dictionary.csv": "the measures of the passes of that status",
        "dashboards/provenance.py": "which measure opens the passes of that status",
        "reporting/cube/facts.py": "how the measures of a status are named",
    },
    "with_prescriber": {
        f"{_MODELS}core/fct_pass.sql": "status of a pass",
        "dbt_project/seeds/indicator_dictionary.csv": "the measures of the passes of that status",
        "dashboards/provenance.py": "which measure opens the passes of that status",
        "reporting/cube/facts.py": "how the measures of a status are named",
    },
    "exhausted": {
        f"{_MODELS}marts/territory_state_month.sql": "state of a territory",
        "presentation/attention/places.py": "what is said of that state",
        "presentation/attention/one_territory.py": "what is said of that state, of one territory alone",
        "dashboards/app_pages/lieux.py": "what is said of that state",
        "dashboards/app_pages/fiche_lieu.py": "what is said of that state",
    },
    "engagement": {
        "dbt_project/seeds/indicator_dictionary.csv": "budget_committed_eur",
        "data_quality/suites/dim_carnet.py": "a check of each order: its commitment and its lot",
        "data_quality/suites/fct_budget_entry.py": "a check of each order: paid and committed",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
    "mandatement": {
        "dbt_project/seeds/indicator_dictionary.csv": "budget_paid_eur",
        "data_quality/suites/fct_budget_entry.py": "a check of each order: paid and committed",
        "reporting/mandate/statements.py": "the name of a line of the account",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
    "avoir": {
        "dbt_project/seeds/indicator_dictionary.csv": "budget_paid_eur, face_value_credited_eur",
        f"{_INTERMEDIATE}int_event_cash.sql": "a credit note is negative",
        "reporting/mandate/statements.py": "the name of a line of the account",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
    "recette_etat": {
        "dbt_project/seeds/indicator_dictionary.csv": "received_state_eur",
        "reporting/mandate/article.py": "which pieces the claim on its debtor has",
        "reporting/mandate/balances.py": "what came in of the claim on its debtor",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
    "recette_commune": {
        "dbt_project/seeds/indicator_dictionary.csv": "received_communes_eur",
        "reporting/mandate/article.py": "which pieces the claim on its debtor has",
        "reporting/mandate/balances.py": "what came in of the claim on its debtor",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
    "recouvrement_lieu": {
        f"{_MODELS}core/fct_recovery.sql": "what repays a receivable",
        "reporting/mandate/statements.py": "the name of a line of the account",
        "reporting/mandate/tables.py": "the name of a nature in the account",
    },
}
#: Not looked at: French words of codes, deliveries and their contracts, made-up deliveries, tests and yardsticks, which
#: say the rules again on purpose.
_ROOMS = ("programme", "presentation", "data_quality", "warehouse", "reporting", "dashboards", "orchestration")
_LABELS = ROOT / "presentation" / "labels.py"


def _places() -> dict[str, set[str]]:
    """Word → the files of code, SQL and dictionary that hold it, quoted, or as a nature of the dictionary."""
    files = [path for room in _ROOMS for path in (ROOT / room).rglob("*.py") if path != _LABELS]
    files += [path for folder in ("models", "macros") for path in (ROOT / "dbt_project" / folder).rglob("*.sql")]
    found: dict[str, set[str]] = {word: set() for word in WORDS}
    quoted = re.compile(rf"""(?P<mark>['"])({"|".join(WORDS)})(?P=mark)""")
    for path in files:
        for match in quoted.finditer(path.read_text(encoding="utf-8")):
            found[match[2]].add(path.relative_to(ROOT).as_posix())
    dictionary = ROOT / "dbt_project" / "seeds" / "indicator_dictionary.csv"
    with dictionary.open(encoding="utf-8", newline="") as file:
        natures = {nature for row in csv.DictReader(file) for nature in row["natures"].split(" | ")}
    for word in natures & set(WORDS):
        found[word].add(dictionary.relative_to(ROOT).as_posix())
    return found


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_a_rule_stand_in_one_place(word: str) -> None:
    """No second copy of a rule exists in Python or SQL (figures §5); a place that holds it no more leaves the list."""
    assert _places()[word] == set(WORDS[word])


# --- Python ---

#: Layout of selected figures, by function: (file, function) → why it makes no figure.
LAYOUT = {
    ("reporting/figures/cells.py", "_passes_a_carnet"): "passes a carnet, that an outsider knows: shown nowhere",
    ("dashboards/app_pages/parcours.py", "draw_road"): "the share of a step among the passes shown above it",
    ("dashboards/app_pages/publics.py", "draw_dimension"): "the share of an answer among the people shown",
    ("dashboards/app_pages/publics.py", "draw_trend"): "the share of an answer among the people of a quarter",
    ("dashboards/freshness.py", "ages"): "the age of an export in days, and its rejects among the lines shown",
    ("dashboards/people.py", "moves"): "a figure less the same of the version before",
    ("dashboards/points.py", "_stock"): "what the territories withheld make together, of totals shown",
    ("dashboards/queries_cube.py", "_shares"): "the share of an answer among the people shown",
    (
        "dashboards/queries_protected.py",
        "credit_notes",
    ): "expired and cancelled, shown beside, less what came back",
    ("reporting/cube/system.py", "_part"): "by how much a sum does not hold: what a reader would subtract",
    (
        "reporting/cube/people.py",
        "waiting",
    ): "what two columns give a reader: protected, never shown",
    ("reporting/cube/people.py", "_beyond"): "what two figures of a place give a reader: protected, never shown",
    ("reporting/cube/system.py", "tables"): "what withholding a cell costs",
    ("reporting/national/protected.py", "_tables"): "what withholding a cell costs",
    ("reporting/cube/links.py", "of_curve"): "names of cells put together",
    ("presentation/attention/places.py", "slow_points"): "carnets started among those handed over: a sentence's own",
    ("reporting/bilan/content.py", "_month_ends"): "rounded to tens and hundreds: no small count is read on a curve",
    ("reporting/mandate/pieces.py", "with_pieces"): "two columns of text put together",
    ("reporting/quality/details.py", "_refused_files"): "lines that were not read, at the average weight of one",
}
_COLUMNS = {"col", "sum", "sum_horizontal", "len", "mean"}


def computed(tree: ast.AST) -> list[tuple[str, int]]:
    """(function, line) of each arithmetic on the columns of a frame; text put together is none."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.BitAnd | ast.BitOr):
            continue
        if _is_text(node.left) or _is_text(node.right) or not (_has_column(node.left) or _has_column(node.right)):
            continue
        inside = [f for f in functions if f.lineno <= node.lineno <= (f.end_lineno or 0)]
        found.append((max(inside, key=lambda f: f.lineno).name if inside else "", node.lineno))
    return found


def _has_column(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in _COLUMNS
        and isinstance(part.func.value, ast.Name)
        and part.func.value.id == "pl"
        for part in ast.walk(node)
    )


def _is_text(node: ast.AST) -> bool:
    """Whether text is put together: a string, a literal column of one, a method of strings, or a sum of such."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_literal = node.func.attr == "lit" and bool(node.args) and _is_text(node.args[0])
        return is_literal or any(isinstance(part, ast.Attribute) and part.attr == "str" for part in ast.walk(node.func))
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _layouts() -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for path in READERS:
        if path.is_relative_to(ROOT / "reporting" / "suppression"):  # protects figures, shows none
            continue
        for function, line in computed(parse(path)):
            found.setdefault((path.relative_to(ROOT).as_posix(), function), []).append(line)
    return found


def test_the_python_of_pages_and_documents_computes_no_column_of_figures() -> None:
    """A quotient, a total or a difference of figures shown side by side is layout, and is named with its reason."""
    assert {key: lines for key, lines in _layouts().items() if key not in LAYOUT} == {}
    assert set(LAYOUT) - set(_layouts()) == set(), "of no use any more"


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ('pl.col("rate") * pl.col("face_value_used_eur")', True),
        ('pl.sum("a") - 1', True),
        ('pl.lit("ept:") + pl.col("ept_name")', False),
        ('pl.col("a") & pl.col("b")', False),
        ('pl.col("dimension") + "=" + pl.col("category")', False),
    ],
)
def test_arithmetic_on_columns_is_seen(code: str, is_one: bool) -> None:
    assert bool(computed(ast.parse(code))) is is_one
