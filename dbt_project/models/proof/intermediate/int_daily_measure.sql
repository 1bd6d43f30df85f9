-- Grain: one row per measure × day × territory (blank where an event has none). Days and territories add up.
{{ measures_by({'date_day': 'contribution.event_on', 'territory_code': 'contribution.territory_code'}) }}
