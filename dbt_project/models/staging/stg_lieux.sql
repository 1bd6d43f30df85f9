with source as (
    select * from {{ source('lake', 'lieux') }}
),

current_version as (
    select distinct on (id) *
    from source
    order by id, {{ version_order() }}
)

select
    id as directory_id,
    "pivot" as lieu_siret,
    nom as lieu_name,
    commune as city_name,
    code_postal as postal_code,
    code_insee as territory_code,
    adresse as address,
    complement_adresse as address_complement,
    latitude,
    longitude,
    typologie as typologies,
    telephone as phone,
    courriels as emails,
    site_web as website,
    horaires as opening_hours,
    presentation_resume as summary,
    presentation_detail as detail,
    source as directory_source,
    itinerance as itinerancy,
    structure_parente as parent_organisation,
    date_maj as updated_on,
    services,
    publics_specifiquement_adresses as target_audiences,
    prise_en_charge_specifique as specific_support,
    frais_a_charge as fees,
    dispositif_programmes_nationaux as national_programmes,
    formations_labels as labels,
    autres_formations_labels as other_labels,
    modalites_acces as access_modes,
    modalites_accompagnement as support_modes,
    fiche_acces_libre as accessibility_page,
    prise_rdv as booking_page,
    date_referencement as referenced_from,
    date_fin_referencement as referenced_until,
    source_file_id,
    source_line,
    extract_date
from current_version
