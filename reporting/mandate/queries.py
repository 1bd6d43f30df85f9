"""SQL of the account: what is selected from `operation` and `movement`, with the delivered lines behind it.

Parameters: $start and $end, first and last days of the year. Tables: operation and movement (operations.py), opening
(the operations the year opens with), moved_line (differences.py). Does not live here: what an operation does to an
account (marts.mandate_nature), what is made of the rows (tables.py).
"""

from __future__ import annotations

from warehouse.published.cited import EUROS, LINES, PASSES, Sum, gathered, one_line

_REFERENCE = "coalesce(reference, '(sans référence)')"
#: The operations known, with the name of their lieu.
_NAMED = (
    "(select operation.*, lieu.lieu_name from operation left join core.dim_lieu as lieu using (lieu_siret)) as named"
)
_LIEU = {"lieu_siret": "lieu_siret", "lieu_name": "lieu_name"}
BALANCE = """
    -- Every territory that ever had a pass: a zero is a figure.
    with place as (
        select territory_code from operation where family = 'issue'
        union select territory_code from opening where family = 'issue'
        union select territory_code from core.dim_territory where is_participating
    ),
    held as (select territory_code, move, passes, amount_eur from movement where account = 'circulation')
    pivot (
        select place.territory_code, territory.territory_name, held.move, held.passes, held.amount_eur
        from place left join held using (territory_code)
        left join core.dim_territory as territory using (territory_code)
    ) on move in ('opening', 'issued', 'used', 'expired', 'cancelled', 'added', 'removed', 'closing')
    using coalesce(sum(passes), 0)::bigint as passes, coalesce(sum(amount_eur), 0)::decimal(18,2) as eur
    group by territory_code, territory_name order by territory_code
"""
OPERATIONS = gathered(
    "operation where day between $start and $end and family <> 'recovery'",
    {"nature": "nature", "month": "date_trunc('month', day)::date"},
    {"passes": PASSES, "amount_eur": EUROS},
)
#: By the side of the account that they are on; an entry by its category too.
OPERATIONS_OF_YEAR = gathered(
    "booked where move not in ('opening', 'moved') and family <> 'recovery'",
    {"section": "section", "nature": "nature", "category": "category"},
    {"operations": LINES, "passes": PASSES, "amount_eur": EUROS},
)
COUNTER_PAYMENTS = f"""
    {
    gathered(
        f"{_NAMED} where family = 'payment' and day between $start and $end",
        {**_LIEU, "reference": _REFERENCE, "paid_on": "day"},
        {"passes": PASSES, "amount_eur": EUROS},
    )
} order by lieu_siret, paid_on, reference
"""
#: A use is paid by the payment that its line still supports, made by the end of the year.
_PAID = """
    select redemption_id, sum(supported_eur) as supported_eur from operation
    where family = 'payment' and supported_eur > 0 and day <= $end group by redemption_id
"""
UNPAID = f"""
    with paid as ({_PAID})
    select * from ({
    gathered(
        f"{_NAMED} where family = 'exit' and nature = 'used' and day <= $end "
        "and redemption_id not in (select redemption_id from paid)",
        _LIEU,
        {"passes": PASSES, "amount_eur": EUROS, "oldest_on": Sum("min", "day", "date")},
    )
}) order by lieu_siret
"""
CREDIT_NOTES = f"""
    {
    gathered(
        "operation where family = 'exit' and nature in ('expired', 'cancelled') and day between $start and $end",
        {
            "order_reference": "coalesce(order_reference, 'sans bon de commande')",
            "lot_code": "coalesce(lot_code, '')",
            "status": "nature",
        },
        {"passes": PASSES, "amount_eur": EUROS},
    )
} order by order_reference, lot_code, status desc
"""
ENTRIES = f"""
    select key as entry_id, day as entered_on, nature, category, reference, order_reference, amount_eur,
           {one_line()} as cited
    from operation where family = 'entry' and day between $start and $end order by entered_on, entry_id
"""
RECEIVABLES = f"""
    {
    gathered(
        f"{_NAMED} where family = 'receivable' and day <= $end",
        {**_LIEU, "reference": _REFERENCE, "cause": "cause"},
        {"known_on": Sum("min", "day", "date"), "passes": PASSES, "amount_eur": EUROS},
    )
} order by lieu_siret, reference, cause
"""
RECEIVABLE_MOVES = """
    select * exclude (trop_percu, recouvrement), trop_percu as receivable, recouvrement as recovery
    from (
        pivot (
            select movement.lieu_siret, lieu.lieu_name, coalesce(movement.reference, '(sans référence)') as reference,
                   movement.move, movement.amount_eur
            from movement left join core.dim_lieu as lieu using (lieu_siret)
            where movement.account = 'receivable'
        ) on move in ('opening', 'trop_percu', 'added', 'removed', 'recouvrement', 'closing')
        using coalesce(sum(amount_eur), 0)::decimal(18,2) group by lieu_siret, lieu_name, reference
    )
    order by lieu_siret, reference
"""
#: What is behind the lines of RECEIVABLE_MOVES, of BALANCE and of the statements.
RECEIVABLE_PIECES = gathered(
    "effect where account = 'receivable'", {"lieu_siret": "lieu_siret", "reference": _REFERENCE}, {}
)
BALANCE_PIECES = gathered("effect where account = 'circulation'", {"territory_code": "territory_code"}, {})
STATEMENT_PIECES = gathered("effect inner join statement_line using (account, move)", {"label": "label"}, {})
REGULARISED = gathered(
    "moved_line", {"nature": "nature", "way": "way"}, {"lines": LINES, "passes": PASSES, "amount_eur": EUROS}
)
REGULARISATIONS = f"""
    select *, {one_line()} as cited from moved_line
    order by extract_date, source_file_id, source_line, family, key, way desc
"""
MOVEMENT = "select account, move, sum(amount_eur) from movement group by account, move"
#: What explains the treasury besides the balances: see Account.reconciliation.
EXPLANATION = f"""
    with paid as ({_PAID}),
    used as (
        select redemption_id, amount_eur from operation where family = 'exit' and nature = 'used' and day <= $end
    ),
    known as (select * from operation where day <= $end)
    select
        (select sum(used.amount_eur) from used inner join paid using (redemption_id)) as face_value_paid,
        (select sum(paid.supported_eur) from used inner join paid using (redemption_id)) as paid_for_uses,
        (select sum(supported_eur) from paid where redemption_id not in (select redemption_id from used)) as in_advance,
        (select sum(amount_eur) from known where family = 'payment') as paid,
        (select sum(supported_eur) from known where family = 'payment') as supported,
        (select sum(amount_eur) from known where family = 'receivable') as overpaid,
        (select sum(amount_eur) from known where family = 'recovery' and lieu_siret is null) as excess
"""
PIECES = """
    select distinct on (file_id) file_id, file_name, dataset, extract_date, sha256, lines_accepted
    from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
"""
