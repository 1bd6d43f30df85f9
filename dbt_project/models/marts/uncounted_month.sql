-- Uses delivered and not counted, by why: what a document says of the quality of a period.
select
    {{ month_of('redeemed_on') }} as month,
    exclusion_reason,
    count(*) as uncounted_uses
from {{ ref('fct_redemption') }}
where not is_counted
group by all
order by all
