"""The golden set through the whole road; every figure worked out by hand, beside the sentence of its rule."""

from __future__ import annotations

import duckdb
import pytest

from tests.integration.golden import deliveries

INDICATORS = {
    # committed = Σ engagement: 3,000; the 500 of 10 December come after as-of.
    "budget_committed_eur": 3000.00,
    # paid = Σ mandatement − Σ avoir: 2,810 − 120.50
    "budget_paid_eur": 2689.50,
    # C001–C024 = 240, C025 = 5, C026 and C027 = 20, C029 = 1, C030 = 10; C028 is issued after as-of.
    "passes_issued": 276,
    # Carnets with a holding prescription: 1, 2, 3, 4, 6, 8, 9, 11, 16, 23, 26 of 10 and 25 of 5.
    "passes_prescribed": 115,
    # U001–U016 and U022–U025: 20; the five others are excluded, each for its reason.
    "passes_used": 20,
    # 7 left of C011, 40 of C012–C015, 10 of C027 (tolerance ended on 29/11); C026's ends on as-of: not expired.
    "passes_expired": 57,
    # 271 passes of 10 € + 5 of 20 €
    "face_value_issued_eur": 2810.00,
    # 19 passes of 10 € + 1 of 20 €
    "face_value_used_eur": 210.00,
    # U001–U005, U009, U025 at 10 €, U014 at 18 €; U021 is paid back but not counted.
    "reimbursed_eur": 88.00,
    # min(50 % × 210, 1,800,000)
    "state_share_due_eur": 105.00,
    # Minutes, once per attendance: 120 + 120 + 90 + 0 + 60 + 3×60 + 45 + 30 + 60 + 60 + 60 + 30 + 90 + 75 = 1,020
    "hours": 17.0,
    # Only C002's two passes at L2 fall back on the catalogue: 90 minutes, once.
    "hours_nominal": 1.5,
    # Each session once: SE1 counts 120 for its two attendances: 1,020 − 120 = 900
    "session_hours": 15.0,
    # A, B, D, F, G, H, I, J, L; C lost the carnet to D, E's is cancelled, K's comes after as-of.
    "people_equipped": 9,
    # The nine identified, and the carnets 6 (no id), 17 and 21 (no prescription).
    "people_reached": 12,
    "people_reached_identified": 9,
    "people_reached_anonymous": 3,
    # Answered at the earliest prescription: A oui (P02), D non, F non, G oui, I oui, J non, L oui (P14).
    "pic_share": 4 / 7,
    # B non, D oui, F oui, G oui, I non, J non, L non.
    "qpv_share": 3 / 7,
    # Vincennes, Saint-Denis, Pierrefitte (93059 keeps its own row).
    "territories_active": 3,
    # Two of the directory; the third SIRET is outside it.
    "lieux_active": 2,
}


@pytest.mark.parametrize(("indicator", "expected"), INDICATORS.items())
def test_every_indicator_is_the_hand_computed_one(
    published: duckdb.DuckDBPyConnection, indicator: str, expected: float
) -> None:
    row = published.execute(
        "select value, as_of::varchar from marts.programme_progress where indicator = ?", [indicator]
    ).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(expected, abs=1e-9)
    assert row[1] == "2022-11-30"


def test_no_indicator_is_left_out_of_the_golden_set(published: duckdb.DuckDBPyConnection) -> None:
    codes = {code for (code,) in published.execute("select code from marts.indicator").fetchall()}
    assert codes == set(INDICATORS)


def test_each_pass_has_exactly_one_status(published: duckdb.DuckDBPyConnection) -> None:
    """used → cancelled → expired → prescribed → with_prescriber → in_stock; the six add up to the passes issued."""
    rows = published.execute(
        "select status, count(*), sum(face_value_eur)::double from core.fct_pass group by status"
    ).fetchall()
    assert {status: (passes, euros) for status, passes, euros in rows} == {
        "used": (20, 210.0),
        # C021 and C023 keep one used pass each; C022 and C024 none.
        "cancelled": (38, 380.0),
        "expired": (57, 570.0),
        # 6 + 8 + 9 + 9 + 9 of C001–C004 and C006, 9 of C008, 10 of C009, 9 of C016, 8 of C026, 4 of C025 at 20 €
        "prescribed": (81, 850.0),
        # C005, C007, C010, C018 whole, 9 of C017, the one of C029
        "with_prescriber": (50, 500.0),
        # C019, C020, C030 were never delivered
        "in_stock": (30, 300.0),
    }


TERRITORIES = {
    # code: issued, prescribed, used, expired, minutes, equipped, reached, used €
    # A use belongs to the prescription's territory: C002 and C009 were prescribed in Saint-Denis.
    "94080": (171, 70, 12, 10, 615, 5, 7, 120.0),
    "93066": (55, 35, 6, 47, 330, 3, 3, 70.0),
    "93059": (50, 10, 2, 0, 75, 1, 2, 20.0),
}


def test_territories_by_hand_and_the_34_all_there(published: duckdb.DuckDBPyConnection) -> None:
    """Every one of the 34 has its row, zeros included; a person belongs to their earliest live prescription."""
    rows = published.execute(
        """
        select territory_code, passes_issued, passes_prescribed, passes_used, passes_expired, round(hours * 60),
               people_equipped, people_reached, face_value_used_eur::double
        from marts.territory_progress
        """
    ).fetchall()
    figures = {code: tuple(values) for code, *values in rows}
    assert len(figures) == 34
    assert {code: figures.pop(code) for code in TERRITORIES} == TERRITORIES
    assert set(figures.values()) == {(0, 0, 0, 0, 0, 0, 0, 0.0)}


EXCLUSIONS = {
    "U017": "rejected",
    "U018": "cancelled",
    "U019": "unknown_pass",
    "U020": "after_as_of",
    "U021": "duplicate_use",
}
ANOMALIES = {
    "U010": ["within_tolerance"],
    "U011": ["after_tolerance"],
    "U012": ["before_prescription"],
    "U013": ["no_prescription"],
    # After the lieu's last day of referencing, and paid 18 € for a pass of 20 €.
    "U014": ["lieu_not_referenced", "amount_not_face_value"],
    "U015": ["carnet_lost_or_stolen"],
    # The day before the carnet was cancelled: no flag for that, but nobody was prescribed it.
    "U016": ["no_prescription"],
    # « 106 » is 00000106: C001's seventh pass, at a SIRET outside the directory.
    "U022": ["lieu_not_referenced"],
    "U023": ["conflicting_duration"],
    "U024": ["conflicting_duration"],
}


def test_lines_not_counted_stay_visible_with_their_reason(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("select redemption_id, exclusion_reason from core.fct_redemption").fetchall()
    assert len(rows) == 25
    assert {key: reason for key, reason in rows if reason} == EXCLUSIONS


def test_anomalies_are_flags_on_counted_lines(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("select redemption_id, anomalies from core.fct_redemption").fetchall()
    assert {key: flags for key, flags in rows if flags} == ANOMALIES


def test_ledger_of_vincennes_by_hand(published: duckdb.DuckDBPyConnection) -> None:
    """A pass leaves once, in the month of its use, expiry or cancellation, on the carnet's territory."""
    rows = published.execute(
        """
        select month::varchar, opening_passes, issued_passes, used_passes, expired_passes, cancelled_passes,
               closing_passes, closing_eur::double
        from marts.mandate_ledger
        where territory_code = '94080' and (issued_passes + used_passes + expired_passes + cancelled_passes) > 0
        order by month
        """
    ).fetchall()
    assert rows == [
        ("2021-01-01", 0, 151, 0, 0, 0, 151, 1510.0),
        ("2021-05-01", 151, 0, 7, 0, 0, 144, 1440.0),
        ("2021-06-01", 144, 20, 2, 0, 0, 162, 1620.0),
        ("2022-01-01", 162, 0, 2, 0, 0, 160, 1600.0),
        ("2022-03-01", 160, 0, 1, 0, 9, 150, 1500.0),
        ("2022-04-01", 150, 0, 0, 0, 10, 140, 1400.0),
        ("2022-06-01", 140, 0, 1, 0, 9, 130, 1300.0),
        ("2022-10-01", 130, 0, 1, 0, 0, 129, 1290.0),
        # C027's tolerance ended on the 29th; C022 was lost on an unknown day: the extract's.
        ("2022-11-01", 129, 0, 0, 10, 10, 109, 1090.0),
    ]


def test_expiry_in_the_month_of_the_first_day_the_rule_holds(published: duckdb.DuckDBPyConnection) -> None:
    """Valid to 31/12, one month's tolerance: the passes left of LOT-B expire on 1 February."""
    rows = published.execute(
        "select month::varchar, expired_passes from marts.mandate_ledger "
        "where territory_code = '93066' and expired_passes > 0"
    ).fetchall()
    assert rows == [("2022-02-01", 47)]


def test_flows_between_territories(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "select territory_code, lieu_territory_code, passes_used from marts.territory_flows order by all"
    ).fetchall()
    assert rows == [("93059", "94080", 2), ("93066", "93066", 6), ("94080", "93066", 1), ("94080", "94080", 11)]


def test_audience_is_read_at_the_earliest_prescription(published: duckdb.DuckDBPyConnection) -> None:
    """Age bands at the prescription date: A was 70 in February 2021 (P02), B 17, G 60, the others 31 to 41."""
    rows = published.execute(
        "select category, sum(people_equipped) from marts.audience_profile where dimension = 'age_band' group by all"
    ).fetchall()
    assert dict(rows) == {"70_plus": 1, "moins_18": 1, "60_69": 1, "25_39": 5, "40_59": 1}


def test_the_correction_took_the_place_of_the_first_version(published: duckdb.DuckDBPyConnection) -> None:
    """The current version is the line of the greatest extract date; the older one is kept in the lake."""
    row = published.execute(
        """
        select redemption.duration_minutes, file.extract_date::varchar
        from core.fct_redemption as redemption
        inner join quality.delivered_file as file on redemption.source_file_id = file.file_id
        where redemption.redemption_id = 'U025'
        """
    ).fetchone()
    assert row == (75, "2022-11-30")


def test_a_payment_made_stays_made(published: duckdb.DuckDBPyConnection) -> None:
    """U021 was paid though U001 holds its pass: its 10 € are in the cash, and a receivable on its lieu."""
    paid = published.execute(
        "select lieu_siret, reimbursement_reference, reimbursed_on::varchar, passes, amount_eur::double "
        "from marts.counter_payment order by lieu_siret"
    ).fetchall()
    # L1: U001–U004, U021, U025; L2: U005 and U009 at 10 €, U014 at 18 €
    assert paid == [
        (deliveries.LIEU_1, "CP-1", "2022-11-30", 6, 60.0),
        (deliveries.LIEU_2, "CP-1", "2022-11-30", 3, 38.0),
    ]
    owed = published.execute(
        "select lieu_siret, reimbursement_reference, passes, amount_eur::double, cause, known_on::varchar, "
        "recovered_eur::double, open_eur::double from marts.mandate_receivable"
    ).fetchall()
    assert owed == [(deliveries.LIEU_1, "CP-1", 1, 10.0, "double_utilisation", "2022-11-30", 4.0, 6.0)]


def test_the_treasury_and_the_state_s_share_by_hand(published: duckdb.DuckDBPyConnection) -> None:
    """2,810 € paid to the operator − 98 € paid to the lieux + 4 € given back − 120.50 € of credit note; the State's
    share less the 100 € it paid."""
    held = published.execute("select arg_max(closing_eur, month)::double from marts.mandate_treasury").fetchone()
    assert held == (2595.50,)
    called = published.execute("select arg_max(to_call_eur, month)::double from marts.state_share").fetchone()
    assert called == (INDICATORS["state_share_due_eur"] - 100,)
    due = published.execute(
        "select sum(credit_note_eur)::double from marts.credit_note where nature = 'avoir'"
    ).fetchone()
    assert due == (-120.50,)
