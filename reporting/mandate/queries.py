"""SQL of the account: sums over `operation`, each with the delivered lines behind it.

Parameters: $start and $end, first and last days of the year. Tables: operation (operations.py), opening (the operations
the year opens with), difference (differences.py). Does not live here: what is made of the rows (tables.py).
"""

#: Of the passes and of the money, what raises a balance and what lowers it.
CASH_SIGN = """
    case when family = 'payment' then -1
         when family = 'entry' and category = 'valeur_faciale' then
             case nature when 'mandatement' then 1 when 'recouvrement_lieu' then 1 when 'avoir' then -1 else 0 end
         else 0 end
"""
CREDIT_SIGN = """
    case when family = 'exit' and nature in ('expired', 'cancelled') then 1
         when family = 'entry' and category = 'valeur_faciale' and nature = 'avoir' then -1 else 0 end
"""
RECEIVABLE_SIGN = "case family when 'receivable' then 1 when 'recovery' then -1 else 0 end"
#: A recovery that repays no debt changes the cash, not the receivables.
ALLOCATED = "(family <> 'recovery' or lieu_siret is not null)"

BALANCE = """
    with move as (
        select territory_code, 'opening' as move, case family when 'issue' then passes else -passes end as passes,
               case family when 'issue' then amount_eur else -amount_eur end as amount_eur
        from opening where family in ('issue', 'exit')
        union all
        select territory_code, nature, passes, amount_eur from operation
        where family in ('issue', 'exit') and day between $start and $end
        union all
        select territory_code, case when (way = 'ajout') = (family = 'issue') then 'added' else 'removed' end,
               passes, amount_eur
        from moved_line where family in ('issue', 'exit')
    ),
    -- Every territory that ever had a pass: a zero is a figure.
    place as (
        select territory_code from operation where family = 'issue'
        union select territory_code from opening where family = 'issue'
        union select territory_code from core.dim_territory where is_participating
    )
    pivot (
        select place.territory_code, territory.territory_name, move.move, move.passes, move.amount_eur
        from place left join move using (territory_code)
        left join core.dim_territory as territory using (territory_code)
    ) on move in ('opening', 'issued', 'used', 'expired', 'cancelled', 'added', 'removed')
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
RECEIVABLE_MOVES = f"""
    with move as (
        select lieu_siret, reference, 'opening' as move, {RECEIVABLE_SIGN} * amount_eur as amount_eur
        from opening where family in ('receivable', 'recovery') and {ALLOCATED}
        union all
        select lieu_siret, reference, family, amount_eur from operation
        where family in ('receivable', 'recovery') and {ALLOCATED} and day between $start and $end
        union all
        select lieu_siret, reference,
               case when (way = 'ajout') = (family = 'receivable') then 'added' else 'removed' end, amount_eur
        from moved_line where family in ('receivable', 'recovery') and {ALLOCATED}
    )
    pivot (
        select move.lieu_siret, lieu.lieu_name, coalesce(move.reference, '(sans référence)') as reference,
               move.move, move.amount_eur
        from move left join core.dim_lieu as lieu using (lieu_siret)
    ) on move in ('opening', 'receivable', 'added', 'removed', 'recovery')
    using coalesce(sum(amount_eur), 0)::decimal(18,2) group by lieu_siret, lieu_name, reference
    order by lieu_siret, reference
"""
REGULARISED = """
    select nature, way, count(*)::bigint as lines, sum(passes)::bigint as passes,
           sum(amount_eur)::decimal(18,2) as amount_eur
    from moved_line group by all
"""
#: Of the cash, the credit notes or the receivables: opening, each nature of the year, what was regularised.
MOVEMENT = """
    select 'opening' as move, coalesce(sum({sign} * amount_eur), 0)::decimal(18,2) as amount_eur
    from opening where {allocated}
    union all
    select nature, sum(amount_eur) from operation
    where day between $start and $end and {sign} <> 0 and {allocated} group by nature
    union all
    select case when (way = 'ajout') = ({sign} > 0) then 'added' else 'removed' end as move, sum(amount_eur)
    from moved_line where {sign} <> 0 and {allocated} group by move
"""
#: What explains the treasury besides the balances: see Account.reconciliation.
EXPLANATION = f"""
    with paid as ({_PAID}),
    used as (
        select redemption_id, amount_eur from operation where family = 'exit' and nature = 'used' and day <= $end
    )
    select
        (select coalesce(sum(used.amount_eur - paid.supported_eur), 0)::decimal(18,2)
         from used inner join paid using (redemption_id)) as off_face_value,
        (select coalesce(sum(supported_eur), 0)::decimal(18,2)
         from paid where redemption_id not in (select redemption_id from used)) as in_advance,
        (select coalesce(sum(amount_eur - supported_eur), 0)::decimal(18,2)
         from operation where family = 'payment' and day <= $end)
        - (select coalesce(sum(amount_eur), 0)::decimal(18,2)
           from operation where family = 'receivable' and day <= $end) as known_later,
        (select coalesce(sum(amount_eur), 0)::decimal(18,2)
         from operation where family = 'recovery' and lieu_siret is null and day <= $end) as excess
"""
PIECES = """
    select distinct on (file_id) file_id, file_name, dataset, extract_date, sha256, lines_accepted
    from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
"""
