with source as not materialized (
    select * from {{ source('lake', 'budget') }}
),

{{ current_version('id_ecriture') }}

select
    id_ecriture as entry_id,
    date_ecriture as entered_on,
    nature,
    categorie as category,
    montant_ht as amount_excl_tax_eur,
    montant_ttc as amount_incl_tax_eur,
    reference,
    bon_commande as order_reference,
    ami,
    source_file_id,
    source_line,
    extract_date
from current_version
