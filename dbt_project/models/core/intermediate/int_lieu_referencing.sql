-- A SIRET may stand on several lines of the directory (several sites of one structure), each with its own dates.
select
    lieu_siret,
    list(
        {
            'referenced_from': coalesce(referenced_from, date '1900-01-01'),
            'referenced_until': coalesce(referenced_until, date '9999-12-31')
        }
        order by directory_id
    ) as periods
from {{ ref('stg_lieux') }}
group by lieu_siret
