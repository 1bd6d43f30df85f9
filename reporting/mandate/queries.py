"""SQL of the account: operations, payments and entries of a year, each with the delivered files behind it.

Parameters: $start and $end, first and last days. Does not live here: what is made of the rows (account.py).
"""

OPERATIONS = """
    with operation as (
        select 'issued' as nature, pass.issued_on as day, pass.face_value_eur as amount, 1 as passes,
               carnet.source_file_id
        from core.fct_pass as pass inner join core.dim_carnet as carnet using (carnet_number)
        union all
        select pass.status, pass.left_on, pass.face_value_eur, 1,
               coalesce(redemption.source_file_id, carnet.source_file_id)
        from core.fct_pass as pass
        inner join core.dim_carnet as carnet using (carnet_number)
        left join core.fct_redemption as redemption using (redemption_id)
        where pass.status in ('used', 'expired', 'cancelled')
        union all
        select 'counter_payment', reimbursed_on, amount_eur, 1, source_file_id
        from core.fct_redemption where is_counted and source_status = 'remboursee'
        union all
        select nature, entered_on, amount_incl_tax_eur, 0, source_file_id
        from core.fct_budget_entry where is_counted
    )
    select nature, date_trunc('month', day)::date as month, sum(passes)::bigint as passes,
           sum(amount)::decimal(18,2) as amount_eur, list(distinct source_file_id order by source_file_id) as files
    from operation where day between $start and $end group by all
"""
COUNTER_PAYMENTS = """
    select redemption.lieu_siret, lieu.lieu_name, redemption.reimbursement_reference as reference,
           redemption.reimbursed_on, count(*)::bigint as passes,
           sum(redemption.amount_eur)::decimal(18,2) as amount_eur,
           list(distinct redemption.source_file_id order by redemption.source_file_id) as files
    from core.fct_redemption as redemption
    left join core.dim_lieu as lieu using (lieu_siret)
    where redemption.is_counted and redemption.source_status = 'remboursee'
      and redemption.reimbursed_on between $start and $end
    group by all order by redemption.lieu_siret, redemption.reimbursed_on, reference
"""
UNPAID = """
    select redemption.lieu_siret, lieu.lieu_name, count(*)::bigint as passes,
           sum(redemption.face_value_eur)::decimal(18,2) as amount_eur, min(redemption.redeemed_on) as oldest_on,
           list(distinct redemption.source_file_id order by redemption.source_file_id) as files
    from core.fct_redemption as redemption
    left join core.dim_lieu as lieu using (lieu_siret)
    where redemption.is_counted and redemption.redeemed_on <= $end
      and (redemption.source_status <> 'remboursee' or redemption.reimbursed_on > $end
           or redemption.reimbursed_on is null)
    group by all order by redemption.lieu_siret
"""
CREDIT_NOTES = """
    select coalesce(pass.order_reference, 'sans bon de commande') as order_reference, pass.lot_code, pass.status,
           count(*)::bigint as passes, sum(pass.face_value_eur)::decimal(18,2) as amount_eur,
           list(distinct carnet.source_file_id order by carnet.source_file_id) as files
    from core.fct_pass as pass inner join core.dim_carnet as carnet using (carnet_number)
    where pass.status in ('expired', 'cancelled') and pass.left_on between $start and $end
    group by all order by order_reference, pass.lot_code, pass.status desc
"""
ENTRIES = """
    select entry_id, entered_on, nature, category, reference, order_reference, amount_incl_tax_eur as amount_eur,
           source_file_id, source_line
    from core.fct_budget_entry where is_counted and entered_on between $start and $end
    order by entered_on, entry_id
"""
PIECES = """
    select distinct on (file_id) file_id, file_name, dataset, extract_date, sha256, lines_accepted
    from quality.delivered_file where outcome = 'loaded' order by file_id, received_at
"""
