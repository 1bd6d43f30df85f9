-- Grain: one row per use × payment (lieu, reference, day), from EVERY delivered version: the money left.
with bearing as (
    select * from {{ ref('int_use_version') }} where bears_payment
),

announced as (
    select
        redemption_id,
        lieu_siret,
        reimbursement_reference,
        reimbursed_on,
        max(amount_eur) as amount_eur,
        min(version_rank) as first_rank,
        max(version_rank) as last_rank
    from bearing
    group by all
),

-- Nearly every line is paid in the same words from one delivery to the next: only the others are compared.
reworded as (
    select hash(redemption_id, lieu_siret) as line_hash
    from announced
    group by line_hash
    having count(*) > 1
),

-- A blank that another version fills is the same payment: where a line and lieu know one reference and one day at
-- most, all is one payment; else a half is completed by the whole one that shares it.
half_completed as (
    select
        *,
        case
            when min(reimbursement_reference) over of_line is not distinct from max(reimbursement_reference) over of_line
                and min(reimbursed_on) over of_line is not distinct from max(reimbursed_on) over of_line
                then {
                    'reference': min(reimbursement_reference) over of_line,
                    'day': min(reimbursed_on) over of_line
                }
            else {
                'reference': coalesce(
                    reimbursement_reference,
                    case when reimbursed_on is not null then min(reimbursement_reference) over of_day end
                ),
                'day': coalesce(
                    reimbursed_on,
                    case when reimbursement_reference is not null then min(reimbursed_on) over of_reference end
                )
            }
        end as payment
    from announced
    semi join reworded on hash(announced.redemption_id, announced.lieu_siret) = reworded.line_hash
    window
        of_line as (partition by redemption_id, lieu_siret),
        of_day as (partition by redemption_id, lieu_siret, reimbursed_on),
        of_reference as (partition by redemption_id, lieu_siret, reimbursement_reference)
),

-- A version with neither reference nor day is the first payment known of its line and lieu, if there is one.
completed as (
    select
        * exclude (payment),
        case
            when payment.reference is null and payment.day is null
                then coalesce(
                    arg_min(payment, first_rank)
                        filter (where payment.reference is not null or payment.day is not null)
                        over (partition by redemption_id, lieu_siret),
                    payment
                )
            else payment
        end as payment,
        reimbursement_reference is null and reimbursed_on is null as is_blank
    from half_completed
),

merged as (
    select
        redemption_id,
        lieu_siret,
        payment.reference as reimbursement_reference,
        payment.day as reimbursed_on,
        max(amount_eur) as amount_eur,
        min(first_rank) as first_rank,
        -- A blank version does not bear a payment that others name: it may only open it.
        max(last_rank) filter (where not is_blank or (payment.reference is null and payment.day is null)) as last_rank
    from completed
    group by all
),

payment as (
    select * from announced
    anti join reworded on hash(announced.redemption_id, announced.lieu_siret) = reworded.line_hash
    union all by name
    select * from merged
)

select
    payment.redemption_id,
    payment.lieu_siret,
    payment.reimbursement_reference,
    payment.reimbursed_on,
    coalesce(payment.reimbursed_on, first_version.extract_date) as booked_on,
    payment.amount_eur,
    payment.last_rank,
    first_version.extract_date as known_on,
    first_version.source_file_id,
    {{ line_of('payment.first_rank') }} as source_line
from payment
inner join {{ ref('stg_utilisations_file') }} as first_version
    on {{ file_of('payment.first_rank') }} = first_version.file_rank
-- A payment dated after as-of is not made yet.
where payment.reimbursed_on is null or payment.reimbursed_on <= {{ as_of() }}
