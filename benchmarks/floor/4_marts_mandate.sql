-- The operations of the mandate from the core tables, and what is summed of them.

create table marts.mandate_nature as
select
    rank, nature, family, category, with_lieu, circulation, treasury, receivable, credit_note, payable, principal, suspense
from chart;

create table marts.mandate_operation as
with used as (
    select
        'used' as nature, redeemed_on as operated_on, carnet.territory_code, lieu_siret, redemption.face_value_eur,
        redemption.source_file_id, redemption.source_line
    from core.fct_redemption as redemption join core.dim_carnet as carnet using (carnet_number)
    where is_counted
),
carnet_pass as (
    select carnet_number, status, left_on, count(*) as passes, sum(face_value_eur) as amount_eur
    from core.fct_pass where status in ('expired', 'cancelled')
    group by all
),
operation as (
    select
        nature, operated_on, territory_code, lieu_siret, null as reference, null as cause, null as category,
        null as order_reference, null as lot_code, 1 as passes, face_value_eur as amount_eur, source_file_id, source_line
    from used
    union all by name
    select
        'issued' as nature, issued_on as operated_on, territory_code, order_reference, lot_code, pass_count as passes,
        pass_count * face_value_eur as amount_eur, source_file_id, source_line
    from core.dim_carnet
    union all by name
    select
        status as nature, left_on as operated_on, territory_code, order_reference, lot_code, passes, amount_eur,
        source_file_id, source_line
    from carnet_pass join core.dim_carnet using (carnet_number)
    union all by name
    select
        'counter_payment' as nature, booked_on as operated_on, lieu_siret, reimbursement_reference as reference,
        1 as passes, amount_eur, source_file_id, source_line
    from core.fct_counter_payment
    union all by name
    select
        'trop_percu' as nature, receivable_known_on as operated_on, lieu_siret, reimbursement_reference as reference,
        cause, 1 as passes, overpaid_eur as amount_eur, receivable_file_id as source_file_id,
        receivable_line as source_line
    from core.fct_counter_payment where overpaid_eur > 0
    union all by name
    select
        'recouvrement' as nature, recovered_on as operated_on, lieu_siret, reimbursement_reference as reference,
        0 as passes, amount_eur, source_file_id, source_line
    from core.fct_recovery
    union all by name
    select
        nature, entered_on as operated_on, reference, category, order_reference, 0 as passes,
        amount_incl_tax_eur as amount_eur, source_file_id, source_line
    from core.fct_budget_entry where is_counted
),
piece as (
    select
        * exclude (passes, amount_eur, source_line),
        count(distinct source_line) as lines, sum(passes)::bigint as passes, sum(amount_eur)::decimal(18, 2) as amount_eur,
        min(source_line) as source_line
    from operation
    group by all
),
moved as (
    select piece.*, coalesce(piece.category = 'valeur_faciale', false) as is_face_value from piece
)
select
    nature,
    case nature
        when 'issued' then 'issue' when 'used' then 'exit' when 'expired' then 'exit' when 'cancelled' then 'exit'
        when 'counter_payment' then 'payment' when 'trop_percu' then 'receivable' when 'recouvrement' then 'recovery'
        else 'entry'
    end as family,
    operated_on, territory_code, lieu_siret, reference, cause, category, order_reference, lot_code, lines, passes,
    amount_eur,
    (case nature when 'issued' then passes when 'used' then -passes when 'expired' then -passes
        when 'cancelled' then -passes else 0 end)::bigint as circulation_passes,
    (case nature when 'issued' then amount_eur when 'used' then -amount_eur when 'expired' then -amount_eur
        when 'cancelled' then -amount_eur else 0 end)::decimal(18, 2) as circulation_eur,
    (case
        when nature = 'counter_payment' or (nature = 'avoir' and is_face_value) then -amount_eur
        when nature in ('mandatement', 'recouvrement_lieu') and is_face_value then amount_eur
        else 0
    end)::decimal(18, 2) as treasury_eur,
    (case
        when nature = 'trop_percu' then amount_eur
        when nature = 'recouvrement' and lieu_siret is not null then -amount_eur
        else 0
    end)::decimal(18, 2) as receivable_eur,
    (case
        when nature in ('expired', 'cancelled') then amount_eur
        when nature = 'avoir' and is_face_value then -amount_eur
        else 0
    end)::decimal(18, 2) as credit_note_eur,
    (case
        when nature in ('used', 'trop_percu') then amount_eur when nature = 'counter_payment' then -amount_eur else 0
    end)::decimal(18, 2) as payable_eur,
    (case
        when nature = 'issued' then -amount_eur when nature = 'mandatement' and is_face_value then amount_eur else 0
    end)::decimal(18, 2) as principal_eur,
    (case
        when nature = 'recouvrement_lieu' and is_face_value then amount_eur
        when nature = 'recouvrement' and lieu_siret is not null then -amount_eur
        else 0
    end)::decimal(18, 2) as suspense_eur,
    source_file_id, source_line as first_source_line
from moved;

create table marts.mandate_treasury as
with move as (
    select
        date_trunc('month', operated_on)::date as month, sum(treasury_eur) as change,
        coalesce(sum(amount_eur) filter (where nature = 'mandatement'), 0) as mandated,
        coalesce(sum(amount_eur) filter (where nature = 'counter_payment'), 0) as counter_paid,
        coalesce(sum(amount_eur) filter (where nature = 'recouvrement_lieu'), 0) as recovered,
        coalesce(sum(amount_eur) filter (where nature = 'avoir'), 0) as credited
    from marts.mandate_operation where treasury_eur <> 0
    group by month
),
balance as (
    select month, move.* exclude (month), sum(change) over (order by month) as closing
    from (
        select unnest(generate_series(min(month), greatest(date_trunc('month', getvariable('as_of')), max(month)),
            interval 1 month))::date as month
        from move
    ) left join move using (month)
)
select
    month,
    (closing - coalesce(change, 0))::decimal(18, 2) as opening_eur,
    coalesce(mandated, 0)::decimal(18, 2) as mandated_eur,
    coalesce(counter_paid, 0)::decimal(18, 2) as counter_paid_eur,
    coalesce(recovered, 0)::decimal(18, 2) as recoveries_eur,
    coalesce(credited, 0)::decimal(18, 2) as credited_eur,
    closing::decimal(18, 2) as closing_eur
from balance;

create table marts.credit_note as
select
    date_trunc('month', operated_on)::date as month, nature, territory_code, order_reference, lot_code,
    sum(passes)::bigint as passes, sum(amount_eur)::decimal(18, 2) as amount_eur,
    sum(credit_note_eur)::decimal(18, 2) as credit_note_eur
from marts.mandate_operation where credit_note_eur <> 0
group by all;

create table marts.state_share as
with move as (
    select
        date_trunc('month', operated_on)::date as month,
        coalesce(sum(amount_eur) filter (where nature = 'used'), 0) as used,
        coalesce(sum(amount_eur) filter (where nature = 'recette_etat'), 0) as received
    from marts.mandate_operation where nature in ('used', 'recette_etat')
    group by month
),
running as (
    select
        month, coalesce(used, 0) as used, coalesce(received, 0) as received,
        sum(used) over by_month as used_total, coalesce(sum(received) over by_month, 0) as received_total,
        least(state_rate * used_total, state_ceiling_eur)::decimal(18, 2) as due_total,
        state_ceiling_eur
    from (
        select unnest(generate_series(min(month), greatest(date_trunc('month', getvariable('as_of')), max(month)),
            interval 1 month))::date as month
        from move
    ) left join move using (month) cross join programme
    window by_month as (order by month)
)
select
    month,
    used::decimal(18, 2) as face_value_used_eur,
    (due_total - lag(due_total, 1, 0) over (order by month))::decimal(18, 2) as due_eur,
    received::decimal(18, 2) as received_eur,
    used_total::decimal(18, 2) as face_value_used_total_eur,
    due_total as due_total_eur,
    received_total::decimal(18, 2) as received_total_eur,
    (due_total - received_total)::decimal(18, 2) as to_call_eur,
    due_total >= state_ceiling_eur as is_at_ceiling
from running;
