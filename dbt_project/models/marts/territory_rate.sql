-- Every rate of every participating territory, and its place among those that have one (rank_from says which end is first).
-- Passes are those issued for the territory, whatever became of them: a share of them is never above 1.
with life as (
    select
        territory_code,
        sum(passes) as passes_issued,
        coalesce(sum(passes) filter (where status = 'used'), 0) as passes_used,
        coalesce(sum(passes) filter (where status = 'expired'), 0) as passes_expired
    from {{ ref('pass_lifecycle') }}
    group by territory_code
),

known as (
    select
        progress.territory_code,
        progress.people_reached,
        progress.people_equipped,
        progress.hours,
        progress.face_value_used_eur,
        coalesce(life.passes_issued, 0) as passes_issued,
        coalesce(life.passes_used, 0) as passes_used,
        coalesce(life.passes_expired, 0) as passes_expired,
        territory.population,
        territory.qpv_population
    from {{ ref('territory_progress') }} as progress
    inner join {{ ref('dim_territory') }} as territory using (territory_code)
    left join life on progress.territory_code = life.territory_code
    where progress.is_participating
),

{# What a rate may divide, or be divided by: no value where the inhabitants are not known. #}
term as (
    {%- for name in [
        'people_reached', 'people_equipped', 'hours', 'face_value_used_eur', 'passes_issued', 'passes_used', 'passes_expired',
        'population', 'qpv_population',
    ] %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        territory_code,
        '{{ name }}' as name,
        cast({{ name }} as double) as value
    from known
    {%- endfor %}
),

rated as (
    select
        numerator.territory_code,
        entry.code as rate,
        numerator.value as rate_numerator,
        denominator.value as rate_denominator,
        {{ rate_of('numerator.value', 'denominator.value', 'entry.per') }} as value,
        case when entry.rank_from = 'highest' then -1 else 1 end as direction
    from {{ ref('rate_dictionary') }} as entry
    inner join term as numerator on entry.numerator = numerator.name
    inner join term as denominator
        on entry.denominator = denominator.name and numerator.territory_code = denominator.territory_code
)

select
    territory_code,
    rate,
    rate_numerator,
    rate_denominator,
    value,
    case
        when value is not null
            then cast(rank() over (partition by rate order by value * direction nulls last) as bigint)
    end as place,
    count(value) over (partition by rate) as places
from rated
order by rate, territory_code
