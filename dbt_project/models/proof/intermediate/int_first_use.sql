-- Grain: one row per carnet in use: its first counted use (date, a day without time being 00:00, then id).
select
    carnet_number,
    any_value(territory_code) as territory_code,
    min(redeemed_at) as redeemed_at,
    min(redeemed_on) as redeemed_on,
    unnest(arg_min(
        {
            'redemption_id': redemption_id,
            'lieu_siret': lieu_siret,
            'source_file_id': source_file_id,
            'source_line': source_line
        },
        (redeemed_at, redemption_id)
    ))
from {{ ref('fct_redemption') }}
where is_counted
group by carnet_number
