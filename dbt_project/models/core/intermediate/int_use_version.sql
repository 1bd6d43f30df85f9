{{ config(materialized='view') }}
-- Grain: one row per delivered version of a redemption line. A version bears a payment when it says so (remboursee) or
-- dates it, whatever its status: a use paid then annulled between two deliveries was paid.
select
    *,
    {{ is_reimbursed('source_status') }} or reimbursed_on is not null as bears_payment
from {{ ref('stg_utilisations_version') }}
