"""Checks of core.fct_budget_entry: what the finance team enters, against itself, the programme and the uses."""

from __future__ import annotations

from data_quality.expectations import Check

CHECKS = [
    Check(
        code="PN-491",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="On ne mandate pas plus que ce qui est engagé.",
        expected="mandatements au plus égaux aux engagements, par bon de commande ou par catégorie (à 1 € près)",
        why="Une dépense sans engagement est irrégulière ; un euro couvre les arrondis de TVA.",
        mend="Saisissez l'engagement manquant, ou corrigez le bon de commande ou la catégorie du mandatement.",
        unit="engagement",
        kind="decimal",
        maximum=1,
        profile="""
            select
                coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0)
                - coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0) as value,
                coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0)
                - coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0) as amount_eur,
                coalesce(order_reference, 'sans bon de commande') || coalesce(', ' || category, '') || ' : '
                || fr_eur(coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0)) || ' mandatés, '
                || fr_eur(coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0)) || ' engagés'
                as detail
            from core.fct_budget_entry
            where is_counted and nature in ('engagement', 'mandatement')
            group by order_reference, category
        """,
    ),
    Check(
        code="PN-492",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Les engagements tiennent dans le budget du programme.",
        expected="engagements au plus égaux au budget (réglage budget_eur)",
        why="Le budget est un plafond voté : le dépasser demande une délibération, ou montre une écriture en double.",
        mend="Cherchez une écriture en double ; sinon, relevez budget_eur dans programme.yaml après la délibération.",
        unit="programme",
        kind="share",
        maximum=1,
        profile="""
            select sum(amount_incl_tax_eur) / getvariable('budget_eur') as value,
                sum(amount_incl_tax_eur) - getvariable('budget_eur') as amount_eur,
                fr_eur(sum(amount_incl_tax_eur)) || ' engagés pour ' || fr_eur(getvariable('budget_eur')) as detail
            from core.fct_budget_entry
            where is_counted and nature = 'engagement'
        """,
    ),
    Check(
        code="PN-493",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Le montant hors taxes d'une écriture ne dépasse pas son montant toutes taxes.",
        expected="montant_ht au plus égal à montant_ttc",
        why="L'inverse est une inversion de colonnes : le budget compterait des montants hors taxes.",
        mend="Échangez les deux montants de l'écriture dans le fichier du budget.",
        unit="écriture",
        profile="""
            select 1 as value, amount_incl_tax_eur as amount_eur, source_file_id,
                entry_id || ' : ' || fr_eur(amount_excl_tax_eur) || ' HT, ' || fr_eur(amount_incl_tax_eur) || ' TTC'
                as detail
            from core.fct_budget_entry
            where amount_excl_tax_eur > amount_incl_tax_eur
        """,
    ),
    Check(
        code="PN-494",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="L'État n'a pas versé plus que sa part des pass utilisés.",
        expected="recettes de l'État au plus égales à sa part due (à 1 € près)",
        why="Sa part porte sur les pass UTILISÉS, plafonnée : le trop-perçu se rend.",
        mend="Vérifiez les recettes saisies ; sinon, préparez le reversement du trop-perçu.",
        unit="programme",
        kind="decimal",
        maximum=1,
        profile="""
            with received as (
                select coalesce(sum(amount_incl_tax_eur), 0) as amount_eur
                from core.fct_budget_entry
                where is_counted and nature = 'recette_etat'
            ),
            due as (
                select least(
                    getvariable('state_rate') * coalesce(sum(face_value_eur), 0), getvariable('state_ceiling_eur')
                ) as amount_eur
                from core.fct_pass
                where status = 'used'
            )
            select received.amount_eur - due.amount_eur as value, received.amount_eur - due.amount_eur as amount_eur,
                fr_eur(received.amount_eur) || ' reçus, ' || fr_eur(due.amount_eur) || ' dus' as detail
            from received
            cross join due
        """,
    ),
    Check(
        code="PN-495",
        table_name="fct_budget_entry",
        owner="MGP",
        sentence="Aucune écriture n'est datée du futur ou d'avant le programme.",
        expected="date entre la signature de l'accord-cadre et la date des données",
        why="Une écriture future n'est pas comptée, et son mois réel paraît vide.",
        mend="Corrigez la date de l'écriture dans le fichier du budget.",
        unit="écriture",
        profile="""
            select 1 as value, amount_incl_tax_eur as amount_eur, source_file_id,
                entry_id || ' : ' || nature || ' du ' || fr_day(entered_on) || ', ' || fr_eur(amount_incl_tax_eur)
                as detail
            from core.fct_budget_entry
            where entered_on > getvariable('as_of') or entered_on < getvariable('agreement_signed_on')
        """,
    ),
]
