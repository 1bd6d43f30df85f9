with total as (
    select * from {{ ref('int_programme_total') }}
),

measure as (
    unpivot (
        select columns(* exclude (as_of, pic_answered_share, qpv_answered_share))::double
        from total
    ) on columns(*) into name indicator value value
)

select
    indicator.code as indicator,
    measure.value,
    indicator.target,
    measure.value / nullif(indicator.target, 0) as ratio,
    case indicator.code
        when 'pic_share' then total.pic_answered_share
        when 'qpv_share' then total.qpv_answered_share
    end as answered_share,
    total.as_of
from {{ ref('indicator') }} as indicator
cross join total
left join measure on indicator.code = measure.indicator
order by indicator.rank
