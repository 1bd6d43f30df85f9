with source as not materialized (
    select * from {{ source('lake', 'emissions') }}
),

{{ current_version('numero_carnet') }},

-- Deliveries repeat: a carnet that left without a date left when it was first delivered so, not at each redelivery.
undated as (
    select
        numero_carnet,
        statut
    from current_version
    where ({{ is_carnet_cancelled('statut') }} or {{ is_carnet_lost('statut') }}) and date_statut is null
),

told as (
    select
        ranked.numero_carnet,
        ranked.extract_date,
        max(case when ranked.statut <> undated.statut then ranked.version_rank end) over later_versions as other_rank
    from ranked
    inner join undated using (numero_carnet)
    window later_versions as (
        partition by ranked.numero_carnet order by ranked.version_rank
        rows between current row and unbounded following
    )
),

first_told as (
    select
        numero_carnet,
        min(extract_date) as status_known_on
    from told
    where other_rank is null
    group by numero_carnet
)

select
    numero_carnet as carnet_number,
    premier_pass as first_pass,
    dernier_pass as last_pass,
    valeur_faciale as face_value_eur,
    numero_lot as lot_code,
    bon_commande as order_reference,
    code_insee as territory_code,
    siret_prescripteur as prescriber_siret,
    date_emission as issued_on,
    date_livraison as delivered_on,
    date_fin_validite as valid_until,
    statut as source_status,
    date_statut as status_on,
    source_file_id,
    source_line,
    extract_date,
    coalesce(first_told.status_known_on, extract_date) as status_known_on
from current_version
left join first_told using (numero_carnet)
