with redemption as (
    select * from {{ ref('stg_utilisations') }}
),

issued_pass as (
    select * from {{ ref('int_issued_pass') }}
),

exact_match as (
    select
        redemption.redemption_id,
        redemption.delivered_pass_number,
        issued_pass.carnet_number
    from redemption
    left join issued_pass on redemption.delivered_pass_number = issued_pass.pass_number
),

issued_length as (
    select cast(length(first_pass) as integer) as digits
    from {{ ref('dim_carnet') }}
    group by all
),

-- A pass number that lost its zeros is padded to the ONE length that makes it an issued pass.
candidate_number as (
    select
        exact_match.delivered_pass_number,
        lpad(exact_match.delivered_pass_number, issued_length.digits, '0') as pass_number
    from exact_match
    inner join issued_length on length(exact_match.delivered_pass_number) < issued_length.digits
    where exact_match.carnet_number is null
    group by all
),

repaired_number as (
    select
        candidate_number.delivered_pass_number,
        min(issued_pass.pass_number) as pass_number,
        min(issued_pass.carnet_number) as carnet_number
    from candidate_number
    inner join issued_pass using (pass_number)
    group by candidate_number.delivered_pass_number
    having count(*) = 1
),

resolved as (
    select
        redemption.*,
        coalesce(repaired_number.pass_number, redemption.delivered_pass_number) as pass_number,
        coalesce(exact_match.carnet_number, repaired_number.carnet_number) as carnet_number
    from redemption
    inner join exact_match using (redemption_id)
    left join repaired_number on redemption.delivered_pass_number = repaired_number.delivered_pass_number
),

classified as (
    select
        *,
        cast(redeemed_at as date) as redeemed_on,
        case
            when source_status = 'rejetee' then 'rejected'
            when source_status = 'annulee' then 'cancelled'
            when carnet_number is null then 'unknown_pass'
            when cast(redeemed_at as date) > {{ as_of() }} then 'after_as_of'
        end as own_exclusion_reason
    from resolved
),

-- The first use of a pass counts: smallest date (a day without time being 00:00), then id.
first_use as (
    select distinct on (pass_number) redemption_id
    from classified
    where own_exclusion_reason is null
    order by pass_number, redeemed_at, redemption_id
)

select
    classified.redemption_id,
    classified.pass_number,
    classified.carnet_number,
    classified.redeemed_at,
    classified.redeemed_on,
    classified.lieu_siret,
    classified.lieu_name,
    classified.delivered_lieu_territory_code,
    classified.service_code,
    classified.modality,
    classified.duration_minutes,
    classified.amount_eur,
    classified.source_status,
    classified.reimbursed_on,
    classified.reimbursement_reference,
    first_use.redemption_id is not null as is_counted,
    case
        when first_use.redemption_id is null
            then coalesce(classified.own_exclusion_reason, 'duplicate_use')
    end as exclusion_reason,
    -- Session = id_session where given, else (lieu, day, service).
    coalesce(
        classified.delivered_session_id,
        concat_ws('|', classified.lieu_siret, classified.redeemed_on, coalesce(classified.service_code, ''))
    ) as session_id,
    classified.source_file_id,
    classified.source_line,
    classified.extract_date
from classified
left join first_use using (redemption_id)
