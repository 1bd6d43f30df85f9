{{ config(materialized='view') }}
-- Grain: one row per accepted record of a delivered line. It counts (no reason), or the reason why it does not and the
-- line that counts in its stead. Why a line is current, excluded, live or counted is decided elsewhere: here it is told.
with counted_use as (
    select
        later.redemption_id,
        counted.source_file_id,
        counted.source_line
    from {{ ref('fct_redemption') }} as later
    inner join {{ ref('fct_redemption') }} as counted using (pass_number)
    where later.exclusion_reason = 'duplicate_use' and counted.is_counted
),

utilisations as (
    select
        redemption.redemption_id as line_key,
        redemption.source_file_id,
        redemption.source_line,
        redemption.exclusion_reason as reason,
        counted_use.source_file_id as other_file_id,
        counted_use.source_line as other_line
    from {{ ref('fct_redemption') }} as redemption
    left join counted_use using (redemption_id)
),

issued_carnet as (
    select
        carnet.carnet_number,
        has_pass.carnet_number is not null as has_pass
    from {{ ref('dim_carnet') }} as carnet
    left join (select carnet_number from {{ ref('fct_pass') }} group by carnet_number) as has_pass using (carnet_number)
),

emissions as (
    select
        emission.carnet_number as line_key,
        emission.source_file_id,
        emission.source_line,
        case
            when issued_carnet.carnet_number is null then 'after_as_of'
            when not issued_carnet.has_pass then 'passes_of_another'
        end as reason,
        null as other_file_id,
        null as other_line
    from {{ ref('stg_emissions') }} as emission
    left join issued_carnet using (carnet_number)
),

holding as (
    select
        lost.prescription_id,
        holding.source_file_id,
        holding.source_line
    from {{ ref('fct_prescription') }} as lost
    inner join {{ ref('fct_prescription') }} as holding using (carnet_number)
    where lost.has_lost_carnet and holding.is_holding
),

prescriptions as (
    select
        prescription.prescription_id as line_key,
        prescription.source_file_id,
        prescription.source_line,
        case
            when not prescription.is_live and prescription.prescribed_on > {{ as_of() }} then 'after_as_of'
            when not prescription.is_live then 'cancelled'
            when prescription.has_lost_carnet then 'lost_carnet'
            when issued_carnet.carnet_number is null then 'unknown_carnet'
            when not issued_carnet.has_pass then 'passes_of_another'
        end as reason,
        holding.source_file_id as other_file_id,
        holding.source_line as other_line
    from {{ ref('fct_prescription') }} as prescription
    left join issued_carnet on prescription.carnet_number = issued_carnet.carnet_number
    left join holding on prescription.prescription_id = holding.prescription_id
),

-- Directory and catalogue are added up in no figure: they describe.
described as (
    select
        lieu.lieu_siret,
        directory.directory_id,
        directory.source_file_id,
        directory.source_line
    from {{ ref('dim_lieu') }} as lieu
    inner join {{ ref('stg_lieux') }} as directory using (directory_id)
),

lieux as (
    select
        directory.directory_id as line_key,
        directory.source_file_id,
        directory.source_line,
        case when described.directory_id = directory.directory_id then 'describes' else 'described_by_another' end
            as reason,
        case when described.directory_id <> directory.directory_id then described.source_file_id end as other_file_id,
        case when described.directory_id <> directory.directory_id then described.source_line end as other_line
    from {{ ref('stg_lieux') }} as directory
    inner join described using (lieu_siret)
),

services as (
    select
        service_code as line_key,
        source_file_id,
        source_line,
        'describes' as reason,
        null as other_file_id,
        null as other_line
    from {{ ref('stg_services') }}
),

budget as (
    select
        entry_id as line_key,
        source_file_id,
        source_line,
        case when not is_counted then 'after_as_of' end as reason,
        null as other_file_id,
        null as other_line
    from {{ ref('fct_budget_entry') }}
),

current_version as (
    {%- for dataset in ['utilisations', 'emissions', 'prescriptions', 'lieux', 'services', 'budget'] %}
    select
        '{{ dataset }}' as dataset,
        line_key,
        source_file_id,
        source_line,
        reason,
        cast(other_file_id as varchar) as other_file_id,
        cast(other_line as bigint) as other_line
    from {{ dataset }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
),

delivered as (
    select
        line.dataset,
        line.source_file_id,
        line.source_line,
        line.source_file_id = version.source_file_id and line.source_line = version.source_line as is_current,
        version.source_file_id as current_file_id,
        version.source_line as current_line,
        version.reason,
        version.other_file_id,
        version.other_line
    from {{ ref('stg_line') }} as line
    inner join current_version as version using (dataset, line_key)
)

select
    dataset,
    source_file_id,
    source_line,
    case when is_current then reason else 'older_version' end as reason,
    case when is_current then other_file_id else current_file_id end as other_file_id,
    case when is_current then other_line else current_line end as other_line
from delivered
