"""SQL of the account: what is selected from `operation` and `movement`, with the delivered lines behind it.

Parameters: $start and $end, first and last days of the year. Tables: operation and movement (operations.py), opening
(the operations the year opens with), moved_line (differences.py). Does not live here: what an operation does to an
account (marts.mandate_nature), what is made of the rows (tables.py).
"""

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
OPERATIONS = """
    select nature, date_trunc('month', day)::date as month, sum(passes)::bigint as passes,
           sum(amount_eur)::decimal(18,2) as amount_eur, list(distinct source_file_id order by source_file_id) as files
    from operation where day between $start and $end and family <> 'recovery' group by all
"""
COUNTER_PAYMENTS = """
    select payment.lieu_siret, lieu.lieu_name, coalesce(payment.reference, '(sans référence)') as reference,
           payment.day as paid_on, count(*)::bigint as passes, sum(payment.amount_eur)::decimal(18,2) as amount_eur,
           list(distinct payment.source_file_id order by payment.source_file_id) as files
    from operation as payment left join core.dim_lieu as lieu using (lieu_siret)
    where payment.family = 'payment' and payment.day between $start and $end
    group by all order by payment.lieu_siret, paid_on, reference
"""
#: A use is paid by the payment that its line still supports, made by the end of the year.
_PAID = """
    select redemption_id, sum(supported_eur) as supported_eur from operation
    where family = 'payment' and supported_eur > 0 and day <= $end group by redemption_id
"""
UNPAID = f"""
    with paid as ({_PAID})
    select used.lieu_siret, lieu.lieu_name, count(*)::bigint as passes,
           sum(used.amount_eur)::decimal(18,2) as amount_eur, min(used.day) as oldest_on,
           list(distinct used.source_file_id order by used.source_file_id) as files
    from operation as used
    left join core.dim_lieu as lieu using (lieu_siret)
    where used.family = 'exit' and used.nature = 'used' and used.day <= $end
      and used.redemption_id not in (select redemption_id from paid)
    group by all order by used.lieu_siret
"""
CREDIT_NOTES = """
    select coalesce(order_reference, 'sans bon de commande') as order_reference, coalesce(lot_code, '') as lot_code,
           nature as status, count(*)::bigint as passes, sum(amount_eur)::decimal(18,2) as amount_eur,
           list(distinct source_file_id order by source_file_id) as files
    from operation
    where family = 'exit' and nature in ('expired', 'cancelled') and day between $start and $end
    group by all order by order_reference, lot_code, status desc
"""
ENTRIES = """
    select key as entry_id, day as entered_on, nature, category, reference, order_reference, amount_eur,
           source_file_id, source_line
    from operation where family = 'entry' and day between $start and $end order by entered_on, entry_id
"""
RECEIVABLES = """
    select receivable.lieu_siret, lieu.lieu_name, coalesce(receivable.reference, '(sans référence)') as reference,
           receivable.cause, min(receivable.day) as known_on, count(*)::bigint as passes,
           sum(receivable.amount_eur)::decimal(18,2) as amount_eur,
           list({'file_id': receivable.source_file_id, 'line': receivable.source_line}
                order by receivable.source_file_id, receivable.source_line) as lines
    from operation as receivable left join core.dim_lieu as lieu using (lieu_siret)
    where receivable.family = 'receivable' and receivable.day <= $end
    group by all order by receivable.lieu_siret, reference, receivable.cause
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
REGULARISED = """
    select nature, way, count(*)::bigint as lines, sum(passes)::bigint as passes,
           sum(amount_eur)::decimal(18,2) as amount_eur
    from moved_line group by all
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
