-- The join to the redemptions is pivot = siret_lieu: where several lines of the directory share a SIRET,
-- the line updated last (then the smallest id) describes it.
with directory as (
    select distinct on (lieu_siret) *
    from {{ ref('stg_lieux') }}
    order by lieu_siret, updated_on desc, directory_id
),

-- Few lieux are outside the directory, most often none: they are looked for first, in one column.
unlisted_siret as (
    select lieu_siret
    from {{ ref('int_use_version') }}
    anti join directory using (lieu_siret)
    group by lieu_siret
),

-- A lieu that was paid keeps its row when its lines are given to another since.
named as (
    select
        lieu_siret,
        lieu_name,
        delivered_lieu_territory_code,
        redeemed_at,
        redemption_id,
        false as is_former
    from {{ ref('int_redemption') }}
    semi join unlisted_siret using (lieu_siret)
    union all
    select
        lieu_siret,
        lieu_name,
        null as delivered_lieu_territory_code,
        redeemed_at,
        redemption_id,
        true as is_former
    from {{ ref('int_use_version') }}
    semi join unlisted_siret using (lieu_siret)
    where bears_payment
),

-- A redemption at a SIRET outside the directory still counts: its lieu is inferred.
unlisted as (
    select distinct on (named.lieu_siret)
        named.lieu_siret,
        named.lieu_name,
        named.delivered_lieu_territory_code as territory_code
    from named
    order by
        named.lieu_siret,
        named.is_former,
        named.delivered_lieu_territory_code is null,
        named.redeemed_at desc,
        named.redemption_id desc
)

select
    lieu_siret,
    directory_id,
    lieu_name,
    address,
    postal_code,
    city_name,
    territory_code,
    latitude,
    longitude,
    typologies,
    services,
    target_audiences,
    fees,
    support_modes,
    access_modes,
    website,
    opening_hours,
    address_complement,
    phone,
    emails,
    summary,
    detail,
    directory_source,
    itinerancy,
    parent_organisation,
    specific_support,
    national_programmes,
    labels,
    other_labels,
    accessibility_page,
    booking_page,
    updated_on,
    referenced_from,
    referenced_until,
    false as is_inferred
from directory
union all
select
    lieu_siret,
    null as directory_id,
    coalesce(lieu_name, 'Lieu hors annuaire ' || lieu_siret) as lieu_name,
    null as address,
    null as postal_code,
    null as city_name,
    territory_code,
    null as latitude,
    null as longitude,
    null as typologies,
    null as services,
    null as target_audiences,
    null as fees,
    null as support_modes,
    null as access_modes,
    null as website,
    null as opening_hours,
    null as address_complement,
    null as phone,
    null as emails,
    null as summary,
    null as detail,
    null as directory_source,
    null as itinerancy,
    null as parent_organisation,
    null as specific_support,
    null as national_programmes,
    null as labels,
    null as other_labels,
    null as accessibility_page,
    null as booking_page,
    null as updated_on,
    null as referenced_from,
    null as referenced_until,
    true as is_inferred
from unlisted
order by lieu_siret
