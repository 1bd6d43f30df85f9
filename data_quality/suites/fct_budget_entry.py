"""Checks of core.fct_budget_entry: what the finance team enters, against itself, the programme and the uses."""

from __future__ import annotations

from data_quality.expectations import Table, TableCheck, expect

#: Amounts are in cents; Great Expectations adds them as floats.
_HALF_A_CENT = 0.005
#: What the rounding of VAT may add up to on one order.
_ROUNDING_EUR = 1

_ENTRY = Table(
    name="fct_budget_entry",
    grain="une écriture",
    sql="""
        select
            entry_id, entered_on, nature, amount_incl_tax_eur, amount_excl_tax_eur, is_counted, source_file_id
        from core.fct_budget_entry
    """,
)
_COMMITMENT = Table(
    name="commitment",
    grain="une catégorie d'un bon de commande",
    sql=f"""
        with total as (
            select
                order_reference,
                category,
                coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0) as committed_eur,
                coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0) as paid_eur
            from core.fct_budget_entry
            where is_counted and nature in ('engagement', 'mandatement')
            group by order_reference, category
        )
        select *, committed_eur + {_ROUNDING_EUR} as ceiling_eur from total
    """,
)
_STATE = Table(
    name="state_share",
    grain="le programme",
    sql=f"""
        with received as (
            select coalesce(sum(value), 0)::decimal(18,2) as received_eur
            from marts.measure_month
            where indicator = 'received_state_eur'
        ),
        due as (
            select value::decimal(18,2) as due_eur from marts.programme_progress where indicator = 'state_share_due_eur'
        )
        select received_eur, due_eur, due_eur + {_ROUNDING_EUR} as ceiling_eur
        from received
        cross join due
    """,
)

CHECKS = [
    TableCheck(
        code="PN-491",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="On ne mandate pas plus que ce qui est engagé.",
        expected="mandatements au plus égaux aux engagements, par bon de commande ou par catégorie (à 1 € près)",
        why="Une dépense sans engagement est irrégulière ; un euro couvre les arrondis de TVA.",
        mend="Saisissez l'engagement manquant, ou corrigez le bon de commande ou la catégorie du mandatement.",
        unit="engagement",
        table=_COMMITMENT,
        expectations=(
            expect(
                "ExpectColumnPairValuesAToBeGreaterThanB", column_A="ceiling_eur", column_B="paid_eur", or_equal=True
            ),
        ),
        units="""
            select
                paid_eur - committed_eur as value,
                paid_eur - committed_eur as amount_eur,
                coalesce(order_reference, 'sans bon de commande') || coalesce(', ' || category, '') || ' : '
                || fr_eur(paid_eur) || ' mandatés, ' || fr_eur(committed_eur) || ' engagés' as detail
            from chosen
        """,
        kind="decimal",
    ),
    TableCheck(
        code="PN-492",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Les engagements tiennent dans le budget du programme.",
        expected="engagements au plus égaux au budget (réglage du programme)",
        why="Le budget est un plafond voté : le dépasser demande une délibération, ou montre une écriture en double.",
        mend="Cherchez une écriture en double ; sinon, relevez budget_eur dans programme.yaml après la délibération.",
        unit="programme",
        table=_ENTRY,
        expectations=(
            expect(
                "ExpectColumnSumToBeBetween",
                column="amount_incl_tax_eur",
                max_value=lambda context: context.budget_eur + _HALF_A_CENT,
                when=(("is_counted", "==", True), ("nature", "==", "engagement")),
            ),
        ),
        units="""
            select sum(amount_incl_tax_eur) / getvariable('budget_eur') as value,
                sum(amount_incl_tax_eur) - getvariable('budget_eur') as amount_eur,
                fr_eur(sum(amount_incl_tax_eur)) || ' engagés pour ' || fr_eur(getvariable('budget_eur')) as detail
            from chosen
        """,
        kind="share",
    ),
    TableCheck(
        code="PN-493",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Le montant hors taxes d'une écriture ne dépasse pas son montant toutes taxes.",
        expected="montant hors taxes au plus égal au montant toutes taxes",
        why="L'inverse est une inversion de colonnes : le budget compterait des montants hors taxes.",
        mend="Échangez les deux montants de l'écriture dans le fichier du budget.",
        unit="écriture",
        table=_ENTRY,
        expectations=(
            expect(
                "ExpectColumnPairValuesAToBeGreaterThanB",
                column_A="amount_incl_tax_eur",
                column_B="amount_excl_tax_eur",
                or_equal=True,
                ignore_row_if="either_value_is_missing",
            ),
        ),
        units="""
            select 1 as value, amount_incl_tax_eur as amount_eur, source_file_id,
                entry_id || ' : ' || fr_eur(amount_excl_tax_eur) || ' HT, ' || fr_eur(amount_incl_tax_eur) || ' TTC'
                as detail
            from chosen
        """,
    ),
    TableCheck(
        code="PN-494",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="L'État n'a pas versé plus que sa part des pass utilisés.",
        expected="recettes de l'État au plus égales à sa part due (à 1 € près)",
        why="Sa part porte sur les pass UTILISÉS, plafonnée : le trop-perçu se rend.",
        mend="Vérifiez les recettes saisies ; sinon, préparez le reversement du trop-perçu.",
        unit="programme",
        table=_STATE,
        expectations=(
            expect(
                "ExpectColumnPairValuesAToBeGreaterThanB",
                column_A="ceiling_eur",
                column_B="received_eur",
                or_equal=True,
            ),
        ),
        units="""
            select received_eur - due_eur as value, received_eur - due_eur as amount_eur,
                fr_eur(received_eur) || ' reçus, ' || fr_eur(due_eur) || ' dus' as detail
            from chosen
        """,
        kind="decimal",
    ),
    TableCheck(
        code="PN-495",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Aucune écriture n'est datée du futur ou d'avant le programme.",
        expected="date entre la signature de l'accord-cadre et la date des données",
        why="Une écriture future n'est pas comptée, et son mois réel paraît vide.",
        mend="Corrigez la date de l'écriture dans le fichier du budget.",
        unit="écriture",
        table=_ENTRY,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="entered_on",
                min_value=lambda context: context.agreement_signed_on,
                max_value=lambda context: context.as_of,
            ),
        ),
        units="""
            select 1 as value, amount_incl_tax_eur as amount_eur, source_file_id,
                entry_id || ' : ' || nature || ' du ' || fr_day(entered_on) || ', ' || fr_eur(amount_incl_tax_eur)
                as detail
            from chosen
        """,
    ),
]
