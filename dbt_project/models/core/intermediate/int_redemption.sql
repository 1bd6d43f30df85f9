-- The lines are wide and many: they are read twice, once for the few columns that decide, once to be written.
with redemption as not materialized (
    select * from {{ ref('stg_utilisations') }}
),

issued_pass as not materialized (
    select * from {{ ref('int_issued_pass') }}
),

exact_match as (
    select
        redemption.redemption_id,
        redemption.delivered_pass_number,
        redemption.redeemed_at,
        redemption.source_status,
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

resolved as not materialized (
    select
        exact_match.redemption_id,
        exact_match.redeemed_at,
        exact_match.source_status,
        coalesce(repaired_number.pass_number, exact_match.delivered_pass_number) as pass_number,
        coalesce(exact_match.carnet_number, repaired_number.carnet_number) as carnet_number
    from exact_match
    left join repaired_number on exact_match.delivered_pass_number = repaired_number.delivered_pass_number
),

classified as (
    select
        redemption_id,
        redeemed_at,
        pass_number,
        carnet_number,
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
),

settled as not materialized (
    select
        classified.redemption_id,
        classified.pass_number,
        classified.carnet_number,
        classified.redeemed_on,
        first_use.redemption_id is not null as is_counted,
        case
            when first_use.redemption_id is null
                then coalesce(classified.own_exclusion_reason, 'duplicate_use')
        end as exclusion_reason
    from classified
    left join first_use using (redemption_id)
)

select
    redemption.redemption_id,
    settled.pass_number,
    settled.carnet_number,
    redemption.redeemed_at,
    settled.redeemed_on,
    redemption.lieu_siret,
    redemption.lieu_name,
    redemption.delivered_lieu_territory_code,
    redemption.service_code,
    redemption.modality,
    redemption.duration_minutes,
    redemption.amount_eur,
    redemption.source_status,
    redemption.reimbursed_on,
    redemption.reimbursement_reference,
    settled.is_counted,
    settled.exclusion_reason,
    -- Session = id_session where given, else (lieu, day, service).
    coalesce(
        redemption.delivered_session_id,
        concat_ws('|', redemption.lieu_siret, settled.redeemed_on, coalesce(redemption.service_code, ''))
    ) as session_id,
    redemption.source_file_id,
    redemption.source_line,
    redemption.version_rank,
    redemption.extract_date
from redemption
inner join settled using (redemption_id)
