{% set own_exclusion_reason %}
    coalesce({{ withdrawn_because('source_status') }}, case
        when carnet_number is null then 'unknown_pass'
        when cast(redeemed_at as date) > {{ as_of() }} then 'after_as_of'
    end)
{%- endset %}
-- The lines are wide and many: they are read twice, once for the few columns that find what is rare, once to be written.
with redemption as not materialized (
    select * from {{ ref('stg_utilisations') }}
),

issued_pass as not materialized (
    select * from {{ ref('int_issued_pass') }}
),

issued_length as (
    select cast(length(first_pass) as integer) as digits
    from {{ ref('int_carnet') }}
    group by all
),

-- A pass number that lost its zeros is padded to the ONE length that makes it an issued pass.
short_number as (
    select
        redemption.delivered_pass_number,
        lpad(redemption.delivered_pass_number, issued_length.digits, '0') as pass_number
    from redemption
    inner join issued_length on length(redemption.delivered_pass_number) < issued_length.digits
    group by all
),

candidate_number as (
    select short_number.*
    from short_number
    anti join issued_pass on short_number.delivered_pass_number = issued_pass.pass_number
),

repaired_number as (
    select
        candidate_number.delivered_pass_number,
        min(issued_pass.pass_number) as pass_number
    from candidate_number
    inner join issued_pass using (pass_number)
    group by candidate_number.delivered_pass_number
    having count(*) = 1
),

resolved as not materialized (
    select
        redemption.*,
        coalesce(repaired_number.pass_number, redemption.delivered_pass_number) as pass_number
    from redemption
    left join repaired_number using (delivered_pass_number)
),

matched as not materialized (
    select
        resolved.*,
        issued_pass.carnet_number
    from resolved
    left join issued_pass using (pass_number)
),

-- Few passes are on two lines: only those are put in order.
shared_pass as (
    select pass_number
    from resolved
    group by pass_number
    having count(*) > 1
),

-- The first use of a pass counts: smallest date (a day without time being 00:00), then id.
later_use as (
    select redemption_id
    from matched
    semi join shared_pass using (pass_number)
    where {{ own_exclusion_reason }} is null
    qualify row_number() over (partition by pass_number order by redeemed_at, redemption_id) > 1
),

settled as not materialized (
    select
        matched.*,
        cast(redeemed_at as date) as redeemed_on,
        coalesce(
            {{ own_exclusion_reason }}, case when later_use.redemption_id is not null then 'duplicate_use' end
        ) as exclusion_reason
    from matched
    left join later_use using (redemption_id)
)

select
    redemption_id,
    pass_number,
    carnet_number,
    redeemed_at,
    redeemed_on,
    lieu_siret,
    lieu_name,
    delivered_lieu_territory_code,
    service_code,
    modality,
    duration_minutes,
    amount_eur,
    source_status,
    reimbursed_on,
    reimbursement_reference,
    exclusion_reason is null as is_counted,
    exclusion_reason,
    -- Session = id_session where given, else (lieu, day, service).
    coalesce(
        delivered_session_id, concat_ws('|', lieu_siret, redeemed_on, coalesce(service_code, ''))
    ) as session_id,
    source_file_id,
    source_line,
    version_rank,
    extract_date
from settled
