"""Checks of core.dim_lieu, the directory of the lieux: on the table itself, but for the uses it must explain."""

from __future__ import annotations

from data_quality.expectations import LineCheck, Table, TableCheck, expect

_DIM_LIEU = Table(
    name="dim_lieu",
    grain="un lieu",
    sql="""
        select
            lieu_siret, territory_code, lieu_name, latitude, longitude, referenced_from, referenced_until, is_inferred
        from core.dim_lieu
    """,
)
_IN_THE_DIRECTORY = (("is_inferred", "==", False),)

CHECKS = [
    TableCheck(
        code="PN-471",
        table_name="dim_lieu",
        owner="#APTIC",
        sentence="Les lieux de l'annuaire sont en Île-de-France.",
        expected="latitude entre 48,1 et 49,3 et longitude entre 1,4 et 3,6, quand elles sont données",
        why="Hors de ce cadre, latitude et longitude sont inversées ou l'adresse est celle d'un siège.",
        mend="Corrigez la latitude et la longitude du lieu dans l'annuaire.",
        unit="lieu",
        table=_DIM_LIEU,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="latitude",
                min_value=48.1,
                max_value=49.3,
                when=_IN_THE_DIRECTORY,
            ),
            expect(
                "ExpectColumnValuesToBeBetween",
                column="longitude",
                min_value=1.4,
                max_value=3.6,
                when=_IN_THE_DIRECTORY,
            ),
        ),
        units="""
            select 1 as value, lieu_siret, territory_code,
                lieu_name || ' : latitude ' || replace(cast(latitude as varchar), '.', ',')
                || ', longitude ' || replace(cast(longitude as varchar), '.', ',') as detail
            from chosen
        """,
    ),
    LineCheck(
        code="PN-472",
        table_name="dim_lieu",
        owner="#APTIC",
        sentence="Chaque lieu actif a sa commune.",
        expected="un code Insee pour tout lieu où des pass sont utilisés",
        why="Sans commune, ses heures manquent aux flux entre territoires et à la carte.",
        mend="Complétez le code Insee du lieu dans l'annuaire.",
        unit="lieu",
        profile="""
            select count(*) as value, line.lieu_siret, count(*) as passes, sum(line.amount_eur) as amount_eur,
                any_value(lieu.lieu_name) || ' : commune inconnue, ' || fr_passes(count(*)) || ' utilisés' as detail
            from core.fct_redemption as line
            inner join core.dim_lieu as lieu using (lieu_siret)
            where line.is_counted and line.lieu_territory_code is null
            group by line.lieu_siret
        """,
    ),
    TableCheck(
        code="PN-473",
        table_name="dim_lieu",
        owner="#APTIC",
        sentence="Les dates de référencement d'un lieu se suivent.",
        expected="fin de référencement après son début",
        why="Une période inversée rend le lieu non référencé toute l'année.",
        mend="Corrigez les dates de référencement du lieu dans l'annuaire.",
        unit="lieu",
        table=_DIM_LIEU,
        expectations=(
            expect(
                "ExpectColumnPairValuesAToBeGreaterThanB",
                column_A="referenced_until",
                column_B="referenced_from",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
            ),
        ),
        units="""
            select 1 as value, lieu_siret, territory_code,
                lieu_name || ' : référencé du ' || fr_day(referenced_from) || ' au ' || fr_day(referenced_until)
                as detail
            from chosen
        """,
    ),
]
