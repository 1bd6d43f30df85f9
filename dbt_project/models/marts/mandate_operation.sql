-- The contributions that the chart of accounts names, with what each does to the four accounts. Their lines are those of
-- proof.contribution. An operation outside the category, or without the lieu, that an account asks for leaves it alone.
with operation as (
    select
        chart.nature,
        chart.family,
        contribution.event_on as operated_on,
        contribution.account_code as territory_code,
        contribution.lieu_siret,
        contribution.reference,
        case when contribution.event = 'receivable' then contribution.nature end as cause,
        contribution.category,
        contribution.order_reference,
        contribution.lot_code,
        contribution.source_file_id,
        contribution.source_line,
        coalesce(contribution.passes, 0) as passes,
        chart.delivered_sign * case chart.measure
            when 'face_value_eur' then contribution.face_value_eur
            else contribution.amount_eur
        end as amount_eur,
        {%- for account in accounts() %}
        case
            when chart.category is not null and contribution.category is distinct from chart.category then 0
            when chart.with_lieu and contribution.lieu_siret is null then 0
            else chart.{{ account }}
        end as {{ account }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('contribution') }} as contribution
    inner join {{ ref('account_chart') }} as chart
        on contribution.event = chart.event
        and (chart.event_nature is null or chart.event_nature = contribution.nature)
)

select
    nature,
    family,
    operated_on,
    territory_code,
    lieu_siret,
    reference,
    cause,
    category,
    order_reference,
    lot_code,
    cast(count(*) as bigint) as lines,
    cast(sum(passes) as bigint) as passes,
    cast(sum(amount_eur) as decimal(18, 2)) as amount_eur,
    cast(sum(circulation * passes) as bigint) as circulation_passes,
    {%- for account in accounts() %}
    cast(sum({{ account }} * amount_eur) as decimal(18, 2)) as {{ account }}_eur,
    {%- endfor %}
    source_file_id,
    min(source_line) as first_source_line
from operation
group by all
order by operated_on, nature, source_file_id, first_source_line, lieu_siret, reference, cause, territory_code
