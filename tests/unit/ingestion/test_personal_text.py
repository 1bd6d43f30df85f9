"""What in a text is somebody's, in the forms French people write; and what must never be taken for it."""

from __future__ import annotations

import polars as pl
import pytest

from ingestion.contract import load_layouts
from ingestion.extract_date import find_extract_date, split_name
from ingestion.personal import show_header, show_shape
from ingestion.personal_text import MASK, holds_personal, mask_name, mask_names, mask_sentence
from tests.unit.ingestion.kit import ROWS, parse_text, write_csv

SOMEBODY_S = (
    "06 12 34 56 78", "0612345678", "06.12.34.56.78", "06-12-34-56-78", "06/12/34/56/78", "06_12_34_56_78",
    "06\u00a012\u202f34\u00a056\u00a078", "+33 6 12 34 56 78", "+33612345678", "+33 (0)6 12 34 56 78",
    "0033 6 12 34 56 78", "0033612345678", "+590 690 12 34 56", "tél. : 01 43 28 00 00.", "06 123 456 78",
    "０６ １２ ３４ ５６ ７８", "2 85 05 94 080 123 45", "2 85 05 94 080 123", "285059408012345", "2850594080123",
    "1 85 05 2A 123 456 12", "185052b12345612", "2.99.12.2B.004.005", "NIR 1-85-05-78-006-084-36",
    "hélène.bénézet@mairie-orléans.fr", "h\u0065\u0301lene@mairie.fr", "jean dupont <jean@sous.domaine.fr>",
    "jean (at) domaine.fr", "jean [arobase] domaine.fr", "jean＠domaine.fr", "je\u200ban@domaine.fr",
    "jean%40domaine.fr", "o'neil+pass@exemple.co", "12 bis rue de la Paix 94300 Vincennes",
    "12bis, RUE DE LA PAIX", "3 av. Foch", "3 place de la Mairie", "3 place de la mairie 94300 Vincennes",
    "8 PLACE DE LA MAIRIE", "1 allée des Tilleuls", "rue de Fontenay 94300 Vincennes", "Mme Zéphyrine FAUXNOM",
    "voir avec M. Dupont", "séance de Mme Dupont Marie", "séance de MME DUPONT", "avec Mme. Dupont", "Mlle. N’Diaye",
    "M. de la Tour", "Mme d’Arcy", "Madame Le Guen", "suivi mme dupont", "MM. Dupont et Martin", "Monsieur  Dupont",
    "06\u200912\u200934\u200956\u200978", "06\n12\n34\n56\n78", "06–12–34–56–78", "06\u201112\u201134\u201156\u201178",
    "06 · 12 · 34 · 56 · 78", "(06) 12 34 56 78", "06   12   34   56   78", "33612345678", "Tel0612345678",
    "184 12 75 116 001 32", "1 8412 75116001 32", "1841275116001 32", "1–84–12–75–116–001–32", "1\u2009841275116001",
    "1 84 12 974 16 001 32", "NIR184127511600132", "jean.dupont_@exemple.fr", "jean.dupont+@exemple.fr",
    "jean_dupont@mon_site.fr", "jean.dupont(a)exemple.fr", "jean[@]exemple.fr", "jean arobase exemple.fr",
    "jean&#64;exemple.fr", "jean@exemple,fr", "M.Dupont", "Mme L. Dupont", "M. J.-P. Dupont", "M\u200b. Dupont",
    "Ｍme Dupont", "12 all. des Lilas", "12, bd. Voltaire", "12 rue 4 septembre",
)  # fmt: skip
NOBODY_S = (
    "21940080900014", "219 400 809 00014", "356000000 00014", "0002100001", "00 02 10 00 01", "MGP-2021-000123",
    "BC-2021-04", "MAND-2021-0456", "CP-2022-12-045", "4500012345", "PR-000123", "S-2022-0456", "LOT-07",
    "SAN-03", "30/11/2022 14:30", "2022-11-30", "01/02/2022 03", "01-02-2022-03", "03-12-2021 10:45",
    "2022-11-30T10:00:00+01:00", "20221130-0aa1b162986f18aa", "94080", "2A004", "75056", "1 234,50 €",
    "48.8474", "98 %", "EAN 3760123456789", "3 cours de français", "2 places disponibles",
    "10 passages en caisse", "1 passage en caisse", "2 cours par semaine", "10 avant midi", "atelier @ midi",
    "https://exemple.fr/page", "Médiathèque du centre", "Espace public numérique", "CCAS de Vincennes",
    "MJC Paris 14", "Villa Savoye", "Mo-Fr 09:00-12:00,14:00-17:00; Sa 10:00-12:00",
    "utilisations_2022-11-30.csv", "Place de la mairie", "Rue du Numérique", "Mission locale", "M", "Mr",
    "Monsieur le maire", "mme", "atelier de M", "Salle M Nord", "Marie", "Espace Mme",
    "M.J.C. de Vincennes", "lots 01, 02, 03, 04, 05", "06 2022 1234", "3 mail", "33 pass", "hôtel 06", "a) atelier",
    "12 all inclus", "prix : 219 400 809,50 €",
)  # fmt: skip
NUMBERS_LIKE_OTHERS = (
    "0612345678", "0033612345678", "285059408012345", "2850594080123", "33612345678", "Tel0612345678",
    "184 12 75 116 001 32", "1 8412 75116001 32", "1841275116001 32", "1\u2009841275116001", "NIR184127511600132",
)  # fmt: skip
"""Ten, thirteen or fifteen digits in a row (the key does not hold): a number of pass may be written so."""


@pytest.mark.parametrize("text", SOMEBODY_S)
def test_what_is_somebody_s_is_found_and_masked(text: str) -> None:
    """Exports §4: a mail, a phone number, a postal address, a NIR; and a person named with their title."""
    assert holds_personal(pl.Series([text]))[0]
    assert MASK in mask_sentence(text)


@pytest.mark.parametrize("text", NOBODY_S)
def test_what_is_nobody_s_is_left_alone(text: str) -> None:
    """SIRET, passes, carnets, references, days, codes, names of files: near misses of all that."""
    assert not holds_personal(pl.Series([text]))[0]
    assert mask_sentence(text) == text
    assert mask_name(text) == text


@pytest.mark.parametrize("text", SOMEBODY_S)
def test_among_identifiers_only_what_no_number_is_written_like(text: str) -> None:
    loose = text in (*NUMBERS_LIKE_OTHERS, "06 123 456 78")
    assert holds_personal(pl.Series([text]), among_identifiers=True)[0] is not loose


def test_a_nir_in_one_piece_is_known_by_its_key() -> None:
    """97 less the rest of the first thirteen digits by 97, Corsica counted as 19 and 18."""
    body = 2850594080123
    right, wrong = f"{body}{97 - body % 97:02d}", f"{body}{98 - body % 97:02d}"
    assert holds_personal(pl.Series([right, wrong]), among_identifiers=True).to_list() == [True, False]
    apart = [f"{right[:13]} {right[13:]}", f"{right[:13]} {wrong[13:]}", f"NIR{right}"]
    assert holds_personal(pl.Series(apart), among_identifiers=True).to_list() == [True, False, True]


def test_examples_of_the_contracts_are_nobody_s() -> None:
    """What a contract shows as a right value passes its own column."""
    for contract in load_layouts():
        for field in contract.fields:
            given = ROWS[contract.dataset].get(field.name, "")
            values = pl.Series([field.example, given, *field.values, *field.value_aliases])
            assert not holds_personal(values, but=field.public).any(), (contract.layout, field.name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("utilisations_zeph.f@courriel.example_2022-11-30.csv", "masqué_2022-11-30.csv"),
        ("zeph@courriel.fr.csv.gz", "masqué.csv.gz"),
        ("x@y.fr-2022-11-30.csv", "masqué-2022-11-30.csv"),
        ("u_06_12_34_56_78_20221130.csv", "u_masqué_20221130.csv"),
        ("30_11_2022_0612345678.csv", "30_11_2022_masqué.csv"),
        ("12_rue_de_la_Paix_20221130093000.csv", "masqué20221130093000.csv"),
        (
            "lot_2022-11-30.zip/dossier Mme Zéphyrine Fauxnom/services 2 85 05 94 080 123 45.csv",
            "lot_2022-11-30.zip/dossier masqué/services masqué.csv",
        ),
        ("export.utilisations.30-11-2022 (1).csv.gz", "export.utilisations.30-11-2022 (1).csv.gz"),
    ],
)
def test_the_name_of_a_file_keeps_its_date_and_extension(name: str, kept: str) -> None:
    assert mask_name(name) == kept
    assert mask_name(kept) == kept
    assert find_extract_date(kept) == find_extract_date(name)
    assert "".join(piece for piece, _ in split_name(name)) == name


@pytest.mark.parametrize("header", ["Zéphyrine Fauxnom", "zeph@courriel.example", "06 12 34 56 78", "Mme Fauxnom"])
def test_a_header_that_is_a_person_is_told_by_its_place(header: str) -> None:
    assert show_header(header, 6) == "colonne 7"


@pytest.mark.parametrize("header", ["Remarque libre", "Date Statut", "Cde MGP", "Prénom Bénéficiaire", "E-mail", "x"])
def test_any_other_header_is_told_as_it_is(header: str) -> None:
    assert show_header(header, 6) == header


def test_a_shape_keeps_letters_digits_and_signs_apart() -> None:
    """`AAAA-99`; whole where something personal is in it."""
    shapes = show_shape(pl.Series(["Été-12", "e\u0301té 3", "06 12 34 56 78", "12,5O", None]))
    assert shapes.to_list() == ["AAA-99", "AAA 9", MASK, "99,9A", None]


# --- in a file -------------------------------------------------------------------------------------------


def test_a_bad_value_of_a_person_level_export_is_kept_by_its_shape_alone() -> None:
    """Exports §4: enumeration, date, code, number; in rejects and in issues."""
    parsed = parse_text(
        write_csv(
            "prescriptions",
            {"statut": "Fauxnom"}, {"code_insee": "Zéphyrine"}, {"genre": "Mme"}, {"date_prescription": "32/13/1985"},
            {"annee_naissance": "mil neuf cent", "type_prescripteur": "chez Zéphyrine"},
        )
    )  # fmt: skip
    assert {r[2] for r in parsed.rejected.rows()} == {"AAAAAAA", "AAAAAAAAA", "99/99/9999"}
    assert {r[2] for r in parsed.issues.rows()} == {"AAA", MASK, "AAAA AAAAAAAAA"}


def test_a_bad_value_of_another_export_is_kept_where_it_is_nobody_s() -> None:
    """Who mends it sees what is wrong; a name in a column that holds none is its shape."""
    parsed = parse_text(
        write_csv("budget", {"nature": "mandatemant"}, {"nature": "Zéphyrine Fauxnom"}, {"montant_ttc": "12,5O"})
    )
    assert [r[2] for r in parsed.rejected.rows()] == ["mandatemant", "AAAAAAAAA AAAAAAA", "12,5O"]


def test_a_free_text_that_holds_somebody_s_is_masked_whole() -> None:
    """Empty where the column may be, *** where it is required; the line is kept, and told."""
    parsed = parse_text(write_csv("utilisations", {"nom_lieu": "chez zeph@courriel.example, 2e étage"}))
    assert (parsed.accepted, parsed.rows["nom_lieu"][0]) == (1, None)
    assert parsed.issues.rows() == [(2, "nom_lieu", MASK, "personal_text_masked")]
    parsed = parse_text(write_csv("services", {"libelle": "Appeler le 06 12 34 56 78"}))
    assert (parsed.accepted, parsed.rows["libelle"][0]) == (1, MASK)


def test_what_the_directory_publishes_stays_and_nothing_else() -> None:
    """The phone, the mails and the address of a lieu are public; a NIR among them is not."""
    kept = {"telephone": "+33143280000", "courriels": "contact@exemple.fr", "adresse": "12 bis rue de la Paix"}
    header = ";".join([*ROWS["lieux"], "telephone"])
    line = ";".join((ROWS["lieux"] | {"telephone": ""} | kept).values())
    parsed = parse_text(f"{header}\n{line}\n")
    assert {name: parsed.rows[name][0] for name in kept} == kept
    line = ";".join((ROWS["lieux"] | {"telephone": "2 85 05 94 080 123 45", "adresse": "06 12 34 56 78"}).values())
    parsed = parse_text(f"{header}\n{line}\n")
    assert (parsed.rows["telephone"][0], parsed.rows["adresse"][0]) == (None, MASK)


@pytest.mark.parametrize(
    ("dataset", "column"),
    [
        ("utilisations", "numero_pass"), ("utilisations", "siret_lieu"), ("utilisations", "id_utilisation"),
        ("prescriptions", "numero_carnet"), ("prescriptions", "siret_prescripteur"), ("emissions", "premier_pass"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["2 85 05 94 080 123 45", "06 12 34 56 78"])
def test_a_number_that_is_a_nir_or_a_phone_is_a_bad_value(dataset: str, column: str, value: str) -> None:
    """Exports §4: a pass, carnet or SIRET that is a NIR is a bad value, and so is an identifier."""
    parsed = parse_text(write_csv(dataset, {column: value}))
    found = [*parsed.rejected.rows(), *parsed.issues.rows()]
    assert (2, column, MASK, "invalid_value") in found


def test_a_beneficiary_known_by_their_mail_is_a_person_like_any_other() -> None:
    """What is replaced by a pseudonym is theirs, whatever it is made of."""
    parsed = parse_text(write_csv("prescriptions", {"id_beneficiaire": "zeph@courriel.example"}))
    assert parsed.rows["id_beneficiaire"][0] == "zeph@courriel.example"


def test_names_masked_together_are_those_masked_alone() -> None:
    """exports §4: file names masked; a folder's names are asked together, in their order, twice the same included."""
    names = ["utilisations_2022-12-31.csv", "pour jean.dupont@exemple.fr_2022.csv", "", "utilisations_2022-12-31.csv"]
    together = mask_names(names)
    assert together == [mask_name(name) for name in names]
    assert [name == told for name, told in zip(names, together, strict=True)] == [True, False, True, True]
