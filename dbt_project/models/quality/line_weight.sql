-- What a delivered line with a field issue weighs in the figures, if it is still the current version of its key: a line
-- corrected since weighs nothing. A use has its part of its attendance's hours.
with issue as (
    select
        file_id,
        line_number
    from {{ ref('field_issue') }}
    group by all
),

line as (
    select
        redemption.source_file_id as file_id,
        redemption.source_line as line_number,
        redemption.lieu_siret,
        null as prescriber_siret,
        cast(redemption.is_counted as integer) as passes,
        case when redemption.is_counted then redemption.amount_eur else 0 end as amount_eur,
        case when redemption.is_counted then attendance.hours / nullif(attendance.passes_used, 0) else 0 end as hours
    from {{ ref('fct_redemption') }} as redemption
    left join {{ ref('fct_attendance') }} as attendance using (attendance_id)
    union all
    select
        prescription.source_file_id as file_id,
        prescription.source_line as line_number,
        null as lieu_siret,
        prescription.prescriber_siret,
        carnet.pass_count as passes,
        carnet.pass_count * carnet.face_value_eur as amount_eur,
        null as hours
    from {{ ref('fct_prescription') }} as prescription
    left join {{ ref('dim_carnet') }} as carnet using (carnet_number)
    union all
    select
        source_file_id as file_id,
        source_line as line_number,
        null as lieu_siret,
        prescriber_siret,
        pass_count as passes,
        pass_count * face_value_eur as amount_eur,
        null as hours
    from {{ ref('dim_carnet') }}
)

select
    line.file_id,
    line.line_number,
    min(line.lieu_siret) as lieu_siret,
    min(line.prescriber_siret) as prescriber_siret,
    cast(sum(line.passes) as bigint) as passes,
    cast(sum(line.amount_eur) as decimal(18, 2)) as amount_eur,
    cast(sum(line.hours) as double) as hours
from line
semi join issue using (file_id, line_number)
group by line.file_id, line.line_number
order by line.file_id, line.line_number
