-- Grain: one row per measure × day × territory × call for projects (both blank where an event has none). All add up.
{{ measures_by({
    'date_day': 'contribution.event_on',
    'territory_code': 'contribution.territory_code',
    'ami': 'contribution.ami',
}) }}
