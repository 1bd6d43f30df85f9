with redemption as (
    select
        *,
        case when is_counted then {{ attendance_of('carnet_number', 'session_id') }} end as attendance_id
    from {{ ref('int_redemption') }}
),

participating as (
    select territory_code from {{ ref('dim_territory') }} where is_participating
),

conflicting_duration as (
    select attendance_id from {{ ref('fct_attendance') }} where has_conflicting_duration
),

-- Anomalies are flags on counted lines; they never change a count.
flagged as (
    select
        redemption.*,
        carnet.face_value_eur,
        carnet.use_territory_code,
        -- The directory's code, else the line's own: a lieu outside the directory has no code but what its lines say.
        coalesce(
            case when not lieu.is_inferred then lieu.territory_code end, redemption.delivered_lieu_territory_code
        ) as lieu_territory_code,
        redemption.redeemed_on < carnet.prescribed_on as is_before_prescription,
        carnet.holding_prescription_id is null as is_without_prescription,
        redemption.redeemed_on > carnet.valid_until
        and redemption.redeemed_on <= carnet.tolerance_until as is_within_tolerance,
        redemption.redeemed_on > carnet.tolerance_until as is_after_tolerance,
        {{ is_carnet_cancelled('carnet.source_status') }}
        and redemption.redeemed_on >= coalesce(carnet.status_on, redemption.redeemed_on) as is_carnet_cancelled,
        {{ is_carnet_lost('carnet.source_status') }}
        and redemption.redeemed_on >= coalesce(carnet.status_on, redemption.redeemed_on) as is_carnet_lost_or_stolen,
        -- Nearly every day is in the first period: the others are looked at where it is not.
        case
            when redemption.redeemed_on >= referencing.periods[1].referenced_from
                and redemption.redeemed_on <= referencing.periods[1].referenced_until
                then false
            else len(list_filter(
                coalesce(referencing.periods, []),
                lambda period: redemption.redeemed_on >= period.referenced_from
                and redemption.redeemed_on <= period.referenced_until
            )) = 0
        end as is_lieu_not_referenced,
        redemption.amount_eur <> carnet.face_value_eur as is_amount_not_face_value,
        conflicting_duration.attendance_id is not null as has_conflicting_duration,
        redemption.redeemed_on > redemption.extract_date as is_future_date
    from redemption
    left join {{ ref('dim_carnet') }} as carnet using (carnet_number)
    left join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
    left join {{ ref('int_lieu_referencing') }} as referencing using (lieu_siret)
    left join conflicting_duration using (attendance_id)
)

select
    flagged.redemption_id,
    flagged.pass_number,
    flagged.carnet_number,
    flagged.redeemed_at,
    flagged.redeemed_on,
    flagged.lieu_siret,
    flagged.use_territory_code as territory_code,
    flagged.lieu_territory_code,
    flagged.service_code,
    flagged.modality,
    flagged.duration_minutes,
    flagged.amount_eur,
    flagged.face_value_eur,
    flagged.source_status,
    flagged.reimbursed_on,
    flagged.reimbursement_reference,
    flagged.is_counted,
    flagged.exclusion_reason,
    case when flagged.is_counted then list_filter([
        case when flagged.is_before_prescription then 'before_prescription' end,
        case when flagged.is_without_prescription then 'no_prescription' end,
        case when flagged.is_within_tolerance then 'within_tolerance' end,
        case when flagged.is_after_tolerance then 'after_tolerance' end,
        case when flagged.is_carnet_cancelled then 'carnet_cancelled' end,
        case when flagged.is_carnet_lost_or_stolen then 'carnet_lost_or_stolen' end,
        case when flagged.is_lieu_not_referenced then 'lieu_not_referenced' end,
        case when flagged.is_amount_not_face_value then 'amount_not_face_value' end,
        case when flagged.has_conflicting_duration then 'conflicting_duration' end,
        case when flagged.is_future_date then 'future_date' end,
        case
            when flagged.lieu_territory_code is not null and participating.territory_code is null
                then 'other_territory'
        end
    ], lambda anomaly: anomaly is not null) else [] end as anomalies,
    flagged.attendance_id,
    case when flagged.is_counted then flagged.session_id end as session_id,
    flagged.source_file_id,
    flagged.source_line
from flagged
left join participating on flagged.lieu_territory_code = participating.territory_code
