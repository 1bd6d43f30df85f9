-- Grain: one row per carnet in use, with the day of its first counted use.
select
    carnet_number,
    min(redeemed_on) as first_used_on
from {{ ref('int_redemption') }}
where is_counted
group by carnet_number
