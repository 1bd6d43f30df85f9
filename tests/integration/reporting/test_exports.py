"""Documents of a small simulated programme: their sums are the marts', nothing small is shown, editions are frozen."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from frictionless import Package, Resource, Schema
from pikepdf import Name, Pdf

from programme.config import load_programme
from reporting.anct import export as anct
from reporting.anct.content import COLUMNS
from reporting.anct.workbook import Issue, write_workbook
from reporting.bilan import export as bilan
from reporting.bilan.content import build as bilan_content
from reporting.figures import frames
from reporting.figures.period import parse_period
from reporting.figures.publication import Publication, prepare, register_of
from reporting.figures.tables import build
from reporting.files.editions import Edition
from reporting.files.stamp import Stamp
from reporting.mandate import export as mandate
from reporting.open_data import export as open_data
from reporting.open_data.lieux import read_directory
from reporting.suppression import breaches
from tests.integration.reporting.conftest import marts
from tests.pdf_tags import of_table, tagged
from warehouse.published.versions import Version
from warehouse.settings import Home

THRESHOLD = 11
MEASURES = ["passes_issued", "passes_prescribed", "passes_used", "hours", "people_equipped", "people_reached"]
MEASURES += ["face_value_issued_eur", "face_value_used_eur", "reimbursed_eur"]


@pytest.fixture(scope="module")
def bilan_edition(home: Home, version: Version, issued: anct.Issued) -> Edition:
    assert issued.is_new
    return bilan.issue(version, load_programme(), parse_period("2023-T4"), home)[0]


@pytest.fixture(scope="module")
def account_edition(home: Home, version: Version) -> Edition:
    return mandate.issue(version, load_programme(), 2023, home).edition


@pytest.mark.parametrize("measure", MEASURES)
def test_the_cumulative_of_each_territory_is_the_marts(measure: str, publication: Publication, version: Version):
    ours = frames.territories(publication).select("territory_code", pl.col(f"{measure}_cum").cast(float))
    theirs = marts(version, f"select territory_code, {measure}::double as value from marts.territory_progress")
    joined = ours.join(theirs, on="territory_code", how="full")
    assert joined.height == theirs.height
    assert (joined[f"{measure}_cum"] - joined["value"]).abs().max() < 1e-6


@pytest.mark.parametrize("measure", MEASURES)
def test_the_months_of_each_territory_add_up_to_its_period(measure: str, publication: Publication):
    months = frames.territory_months(publication).group_by("territory_code").agg(pl.col(measure).cast(float).sum())
    whole = frames.territories(publication).join(months, on="territory_code")
    assert (whole[f"{measure}_period"].cast(float) - whole[measure]).abs().max() < 1e-6


def test_the_summary_is_the_marts(issued: anct.Issued, version: Version):
    ours = pl.read_csv(issued.edition.folder / "csv" / "synthese.csv", infer_schema=False)
    shown = dict(ours.select("code", "valeur_cumul").rows())
    theirs = marts(version, "select indicator, value from marts.programme_progress")
    names = {"state_share_due_eur": "state_share_eur"}
    compared = 0
    for indicator, value in theirs.rows():
        text = shown.get(names.get(indicator, indicator))
        if text is not None and text != "s":
            assert float(text) == pytest.approx(value, abs=1e-3), indicator
            compared += 1
    assert compared >= 15


@pytest.mark.parametrize("dimension", ["age_band", "gender", "situation", "public_pic", "residence_qpv"])
def test_the_audience_is_the_marts(dimension: str, publication: Publication, version: Version):
    query = f"""
        select category, sum(people_equipped)::bigint as equipped, sum(people_reached)::bigint as reached
        from marts.audience_profile where dimension = '{dimension}' group by all order by all
    """
    ours = frames.audience(publication).filter(dimension=dimension)
    columns = ours.select("category", equipped="people_equipped_cum", reached="people_reached_cum").sort("category")
    theirs = marts(version, query).filter((pl.col("equipped") > 0) | (pl.col("reached") > 0))
    assert columns.filter(pl.col("category").is_in(theirs["category"].implode())).rows() == theirs.rows()


def test_the_lieux_are_the_marts(publication: Publication, version: Version):
    theirs = marts(
        version,
        """
        select lieu_siret, sum(passes_used)::bigint as passes, sum(amount_eur)::double as amount
        from marts.lieu_activity group by all order by all
        """,
    )
    assert frames.lieux(publication).select("lieu_siret", "passes_used_cum").rows() == [r[:2] for r in theirs.rows()]


def test_the_ledger_of_the_period_is_the_marts(publication: Publication, version: Version):
    theirs = marts(
        version,
        """
        select month, sum(opening_passes)::bigint, sum(used_passes)::bigint, sum(closing_passes)::bigint
        from marts.mandate_ledger where month between '2023-10-01' and '2023-12-01' group by all order by all
        """,
    )
    ours = frames.ledger(publication).select("month", "opening_passes", "used_passes", "closing_passes")
    assert ours.rows() == theirs.rows()


def test_no_count_of_people_under_the_threshold_is_written(issued: anct.Issued):
    seen = hidden = 0
    for path in (issued.edition.folder / "csv").glob("*.csv"):
        frame = pl.read_csv(path, infer_schema=False)
        for name in frame.columns:
            if re.match(r"personnes|carnets_(injectes|entames)|pass_utilises", name):
                for value in frame[name]:
                    hidden += value == "s"
                    assert value == "s" or int(value) == 0 or int(value) >= THRESHOLD, (path.name, name, value)
                    seen += 1
    assert seen > 500 and hidden > 50


def test_the_attack_recovers_no_hidden_cell(publication: Publication):
    assert len(publication.mask.primary) > 50 and not publication.mask.exposed
    assert breaches(publication.tables, publication.mask.hidden, THRESHOLD) == {}


def test_the_attack_recovers_a_small_count_withheld_alone(publication: Publication):
    """The attack is worth something: with the small counts alone withheld, it finds some of them exactly."""
    found = breaches(publication.tables, publication.mask.primary, THRESHOLD)
    assert any(interval.width < 1e-5 for interval in found.values())


def test_every_csv_is_valid_by_its_own_schema(issued: anct.Issued, open_edition: Edition, account_edition: Edition):
    package = Package()
    for folder in (issued.edition.folder / "csv", open_edition.folder, account_edition.folder / "csv"):
        for path in sorted(folder.glob("*.csv")):
            schema = Schema.from_descriptor(json.loads(path.with_suffix(".schema.json").read_text(encoding="utf-8")))
            report = Resource(path.name, basepath=str(folder), schema=schema).validate()  # type: ignore[misc]
            assert report.valid, (path.name, report.flatten(["rowNumber", "fieldName", "note"])[:5])
            package.add_resource(Resource(name=f"r{len(package.resources)}", path=path.name, basepath=str(folder)))
    assert len(package.resources) >= 20


def test_the_workbook_says_what_the_csv_say(issued: anct.Issued):
    path = next(issued.edition.folder.glob("*.xlsx"))
    book = fastexcel.read_excel(path)
    for sheet, name in {"Territoires": "territoires", "Lieux": "lieux", "EPT": "epts"}.items():
        csv = pl.read_csv(issued.edition.folder / "csv" / f"{name}.csv", infer_schema=False)
        rows = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()
        start = next(n for n, row in enumerate(rows) if row[1] == csv.row(0)[1] and row[0] == csv.row(0)[0])
        for line, written in zip(csv.rows(), rows[start:], strict=False):
            for expected, found in zip(line, written, strict=False):
                if expected in (None, "", "s") or not re.fullmatch(r"-?[\d.]+", expected):
                    assert (found or "") == (expected or "")
                else:
                    assert float(found) == pytest.approx(float(expected), abs=1e-3)


def plant(publication: Publication, text: str) -> Publication:
    """The publication with `text` at the head of every name of a lieu and of a territory."""
    source = publication.source
    named = replace(
        source,
        lieux=source.lieux.with_columns(lieu_name=text + pl.col("lieu_name"), city_name=text + pl.col("city_name")),
        territories=source.territories.with_columns(territory_name=text + pl.col("territory_name")),
    )
    return replace(publication, source=named)


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+", "-2-", "@SUM(", "\t=1+1", "\r=1"])
def test_no_name_we_received_runs_as_a_formula(text: str, publication: Publication):
    """Every writer neutralises formulas: CSV by an apostrophe, XLSX by cells typed as text."""
    planted = plant(publication, text)
    tables = [*build(planted, COLUMNS), *build(planted, open_data.COLUMNS)]
    frames_written = [table.text() for table in tables] + [
        read_directory(planted.source.lieux, planted.source.version.as_of).frame
    ]
    texts = [v for f in frames_written for name in f.columns if f[name].dtype == pl.String for v in f[name] if v]
    assert sum(text.strip() in value for value in texts) > 100
    # A telephone of the national standard begins with « + », and is a number.
    others = [value for value in texts if not re.fullmatch(r"\+\d{8,14}", value)]
    assert not [value for value in others if value.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))]
    issue = Issue(Stamp("200054781", "2023-T4", 1), text)
    with zipfile.ZipFile(io.BytesIO(write_workbook(planted, build(planted, COLUMNS), issue))) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) >= 10 and not any(b"<f>" in archive.read(name) for name in sheets)


def french_number(text: str) -> float:
    return float(re.sub(r"[\s\u202f\u00a0€]", "", text).replace(",", "."))


def test_the_bilan_says_what_the_csv_say(issued: anct.Issued, publication: Publication):
    """The sums of the PDF are those of the CSV: the programme's line, each territory's, and the budget."""
    folder = issued.edition.folder / "csv"
    data, _ = bilan_content(publication, 1)
    synthese = {row["code"]: row for row in pl.read_csv(folder / "synthese.csv", infer_schema=False).to_dicts()}
    columns = ("carnets_prescribed", "people_reached", "people_reached", "passes_used", "hours", "hours")
    spans = ("cumul", "periode", "cumul", "cumul", "periode", "cumul")
    compared = 0
    for shown, code, span in zip(data["territories_total"][1:7], columns, spans, strict=True):
        expected = synthese[code][f"valeur_{span}"]
        assert shown == expected if expected == "s" else french_number(shown) == round(float(expected)), code
        compared += expected != "s"
    rows = pl.read_csv(folder / "territoires.csv", infer_schema=False).to_dicts()
    names = ("carnets_injectes", "personnes_formees", "personnes_formees", "pass_utilises", "heures", "heures")
    by_name = {row["territoire"]: row for row in rows}
    for name, *values in data["territories"]:
        for shown, column, span in zip(values[:6], names, spans, strict=True):
            expected = by_name[name][f"{column}_{span}"]
            assert shown == expected if expected == "s" else french_number(shown) == round(float(expected)), name
            compared += expected != "s"
    paid = next(line for line in data["budget"] if line[0].startswith("Mandaté"))
    assert french_number(paid[2]) == round(float(synthese["budget_paid_eur"]["valeur_cumul"]))
    assert compared > 30


def test_a_withheld_month_of_the_programme_is_withheld_in_the_mandate(publication: Publication):
    """Passes used of a month, « s » elsewhere, are not given by the ledger, nor by the balance between two of them.

    A balance is what was issued less what was used by then: it follows the passes used since the start.
    """
    cells = frozenset({f"passes_used|P|{time}" for time in ("2023-11..2023-11", "2023-12..2023-12", "..2023-11")})
    assert cells | {f"passes_used|P|..2023-{month:02d}" for month in (9, 10, 12)} <= publication.tables.published
    masked = replace(publication, mask=replace(publication.mask, hidden=publication.mask.hidden | cells))
    table = next(table for table in build(masked, COLUMNS) if table.layout.name == "mandat")
    assert table.withheld["utilises_pass"].to_list() == table.withheld["utilises_eur"].to_list() == [False, True, True]
    assert table.withheld["ouverture_pass"].to_list() == [False, False, True]
    assert table.withheld["cloture_eur"].to_list() == [False, True, False]


def test_the_same_export_is_not_issued_twice(issued: anct.Issued, home: Home, version: Version):
    again = anct.issue(version, load_programme(), parse_period("2023-T4"), home)
    assert issued.is_new and not again.is_new and again.edition.number == issued.edition.number


def test_the_other_documents_of_a_period_have_its_mask(
    issued: anct.Issued, home: Home, version: Version, publication: Publication
):
    """Bilan and open data show an extract of the same set with the same mask: nothing is chosen anew."""
    assert issued.edition.number == 1
    again = prepare(version, load_programme(), parse_period("2023-T4"), home)
    assert again.in_register and again.mask == publication.mask
    assert len(register_of(home).entries()) == 1
    stricter = load_programme().model_copy(update={"small_count_threshold": THRESHOLD + 1})
    assert not prepare(version, stricter, parse_period("2023-T4"), home).in_register


def test_a_change_makes_a_second_edition_that_tells_it(home: Home, version: Version, tmp_path: Path):
    period = parse_period("2022-09")
    first = anct.issue(version, load_programme(), period, home)
    frozen = {path: path.read_bytes() for path in first.edition.folder.rglob("*") if path.is_file()}
    other = tmp_path / "columns.yaml"
    kept = [line for line in COLUMNS.read_text(encoding="utf-8").splitlines() if "nom: lieux_actifs" not in line]
    other.write_text("\n".join(kept), encoding="utf-8")
    second = anct.issue(version, load_programme(), period, home, columns=other)
    assert second.is_new and second.edition.number == 2 and second.changes > 0
    sheets = fastexcel.read_excel(next(second.edition.folder.glob("*.xlsx"))).sheet_names
    assert "Ce qui a changé" in sheets
    assert any("modèle du document" in reason for reason in second.edition.manifest["changements"]["raisons"])
    assert all(path.read_bytes() == content for path, content in frozen.items())


@pytest.mark.exhaustive
def test_a_later_period_does_not_give_away_an_earlier_one(home: Home, version: Version, issued: anct.Issued):
    """The year is issued after its last quarter and a month before it: together they give nothing away."""
    year = prepare(version, load_programme(), parse_period("2023"), home)
    entries = register_of(home).entries()
    assert entries and issued.edition.number == 1
    hidden_before = frozenset().union(*(entry.earlier.hidden for entry in entries))
    assert hidden_before & year.tables.primary(THRESHOLD)
    found = breaches(year.tables, year.mask.hidden, THRESHOLD)
    assert found.keys() <= year.mask.exposed
    # Of so small a programme a few answers, whose totals are shown, keep nine values instead of ten; none keeps fewer.
    assert len(found) < 20 and all(seen.width >= THRESHOLD - 3 - 1e-5 for seen in found.values()), found


def test_the_empty_months_of_a_territory_are_withheld_with_its_others(publication: Publication):
    """Were they written 0, each « s » would be one at least, and ten of them together hardly more than their total."""
    table = next(table for table in build(publication, COLUMNS) if table.layout.name == "territoires_mois")
    told = table.values.select("code_insee", "mois", "personnes_equipees", masked=table.withheld["personnes_equipees"])
    told = told.filter(pl.col("personnes_equipees").sum().over("mois") > 0)
    rows = told.group_by("code_insee").agg(
        pl.col("masked").any().alias("some"),
        ((pl.col("personnes_equipees") == 0) & ~pl.col("masked")).any().alias("zero"),
        pl.col("personnes_equipees").sum().alias("total"),
    )
    with_people = rows.filter(pl.col("total") > 0)  # nobody in the whole quarter is written 0, but with its carnets
    assert with_people.filter(pl.col("some")).height > 5
    assert with_people.filter(pl.col("some") & pl.col("zero")).is_empty()


def test_the_register_is_read_by_its_owner_alone(home: Home, issued: anct.Issued):
    folder = register_of(home).folder
    assert issued.edition.folder.is_dir()
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_every_document_says_the_data_are_made_up(
    version: Version, issued: anct.Issued, bilan_edition: Edition, account_edition: Edition, open_edition: Edition
):
    assert version.is_demo
    for edition in (issued.edition, bilan_edition, account_edition, open_edition):
        assert edition.manifest["demonstration"] and "démonstration" in edition.manifest["avertissement"]
    assert "démonstration" in (open_edition.folder / "README.md").read_text(encoding="utf-8")


def test_the_bilan_is_a_tagged_pdf_issued_once(home: Home, version: Version, bilan_edition: Edition):
    with Pdf.open(next(bilan_edition.folder.glob("*.pdf"))) as made:
        with made.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
        # Ten tables, each with a caption; a header on each of their rows.
        assert len(tagged(made, Name.Table)) == 10 and len(tagged(made, Name.Caption)) >= 10
        rows = [head for head in tagged(made, Name.TH) if of_table(head).Scope == Name.Row]
        assert len(rows) > 34 + 9 + 3 + 8
        # The title is the one heading above the others; answers, targets and amounts at stake are three lists of cards.
        assert len(tagged(made, Name.H1)) == 1 and len(tagged(made, Name.H2)) >= 8
        cards = [[item.S for item in held.K if item.S == Name.LI] for held in tagged(made, Name.L)]
        assert [len(items) for items in cards if len(items) == 3][:3] == [3, 3, 3]
        for cell in tagged(made, Name.TD):
            assert len(of_table(cell).Headers) == 2, "the name of its column, and of its row"
    again, is_new, _ = bilan.issue(version, load_programme(), parse_period("2023-T4"), home)
    assert not is_new and again.number == bilan_edition.number


def test_the_bilan_sets_its_period_beside_what_the_marts_say_of_the_others(publication: Publication, version: Version):
    """Every figure of another period that is not withheld is the sum of its months in the marts."""
    data, _ = bilan_content(publication, 1)
    assert data["comparison_heads"][2::2] == ["4e trimestre 2023", "Évolution", "Évolution"]
    rows = {line[0]: line for line in data["comparison"]}
    measures = {"Heures de formation": "hours", "Personnes formées": "people_reached", "Pass utilisés": "passes_used"}
    compared = 0
    for place, start in ((3, "2023-07-01"), (5, "2022-10-01")):
        for label, code in measures.items():
            query = f"select sum(value)::double as value from marts.measure_month where indicator = '{code}' and month "
            query += f"between date '{start}' and date '{start}' + interval 2 month"
            shown = rows[label][place]
            assert shown == "s" or french_number(shown) == round(marts(version, query)["value"][0]), (label, start)
            compared += shown != "s"
    assert compared >= 3
    cells = {f"{name}|P|2023-07..2023-09" for name in ("passes_used", "people_reached", "people_equipped")}
    assert cells <= publication.tables.published, "under the one mask"


def test_the_map_of_the_bilan_names_every_participating_territory(publication: Publication):
    _, images = bilan_content(publication, 1)
    texts = {text.removesuffix(" (s)") for text in re.findall(r">([^<>]+)</text>", images["map.svg"])}
    frame = frames.territories(publication).filter("is_participating")
    names = {name.removesuffix(" arrondissement") for name in frame["territory_name"]}
    assert len(names) > 30 and names <= texts


def test_the_tables_of_the_export_withhold_the_euros_of_withheld_passes(publication: Publication):
    table = next(table for table in build(publication, COLUMNS) if table.layout.name == "territoires")
    for scope in ("periode", "cumul"):
        passes = table.withheld[f"pass_utilises_{scope}"].to_list()
        assert table.withheld[f"rembourse_eur_{scope}"].to_list() == passes
        assert table.withheld[f"heures_{scope}"].to_list() == passes
