-- What can still serve, by last usable day: what there is, what the budget left would issue week after week and, within
-- the first, the carnets of each territory that nobody holds yet: they alone can go elsewhere.
with existing as (
    select stock.*
    from {{ ref('int_projection_stock') }} as stock
    inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
    where origin.is_current and stock.scenario = 'sans_reemission'
),

reissued as (
    select reissue.*
    from {{ ref('int_projection_reissue') }} as reissue
    inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
    where origin.is_current
),

undistributed as (
    select
        territory_code,
        tolerance_until as last_usable_on,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur,
        count(distinct carnet_number) as carnets
    from {{ ref('fct_pass') }}
    where left_on is null and not is_prescribed and tolerance_until > {{ as_of() }}
    group by all
)

select
    'existing' as batch,
    cast(null as varchar) as territory_code,
    available_on,
    last_usable_on,
    passes as passes_to_use,
    face_value_eur,
    carnets as carnets_to_start
from existing
union all
select
    'reissued' as batch,
    null as territory_code,
    available_on,
    last_usable_on,
    passes as passes_to_use,
    face_value_eur,
    carnets as carnets_to_start
from reissued
union all
select
    'undistributed' as batch,
    territory_code,
    {{ as_of() }} as available_on,
    last_usable_on,
    cast(passes as double) as passes_to_use,
    cast(face_value_eur as double) as face_value_eur,
    cast(carnets as double) as carnets_to_start
from undistributed
order by all
