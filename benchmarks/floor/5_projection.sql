-- What is still to come: three marts, from the stock by last usable day. A projection is made from as-of and, to try
-- it, from every past quarter's end. Quarters are whole numbers: an origin knew what has a number up to its own (what
-- happened after as-of is not there at all).

create temp macro quarter_number(day) as 4 * year(day) + quarter(day);

create temp table origin as
with first_use as (
    select min(date_day) as first_use_on from marts.progress_daily where passes_used > 0
),
dated as (
    select as_of as origin_on, true as is_current from programme
    union
    select (unnest(generate_series(date_trunc('quarter', first_use_on), as_of, interval 3 months))::date - 1), false
    from first_use cross join programme
)
select
    origin_on, is_current, quarter_number(origin_on) as quarter,
    case
        when origin_on - first_use_on >= 91 then greatest(origin_on - 182, first_use_on - 1)::date
    end as since,
    coalesce(hours, 0) as hours,
    coalesce(people_reached, 0)::double as people_reached,
    coalesce(face_value_used_eur, 0)::double as face_value_used_eur,
    coalesce(passes_used, 0) as passes_used
from dated cross join first_use
left join marts.progress_daily on date_day = origin_on
where is_current or origin_on < getvariable('as_of');

create temp table trial as
select origin.origin_on, later.origin_on as target_on, origin.quarter, later.quarter as target_quarter
from origin join origin as later on later.quarter between origin.quarter + 1 and origin.quarter + 4
where not origin.is_current and not later.is_current;

create temp table target as
select origin_on, target_on from trial
union
select as_of, least(
    last_day(unnest(generate_series(as_of + interval 1 month, mandate_ends_on + interval 1 month, interval 1 month))),
    mandate_ends_on
)
from programme where mandate_ends_on >= as_of;

create temp table carnet_start as
select
    carnet_number, holding_prescription_id, issued_on, tolerance_until, first_used_on,
    least(first_used_on, cancelled_on, tolerance_until) as until
from core.dim_carnet
left join started using (carnet_number);

-- What comes into the stock and what goes out of it, by day: passes that can be used, carnets not started.
create temp table stock_change as
with change as (
    select
        issued_on as day, tolerance_until, sum(pass_count) as passes, sum(pass_count * face_value_eur) as eur,
        count(*) as carnets
    from core.dim_carnet group by all
    union all
    select
        greatest(issued_on, least(left_on, tolerance_until)), tolerance_until, -count(*), -sum(face_value_eur), 0
    from core.fct_pass group by all
    union all
    select greatest(issued_on, until), tolerance_until, 0, 0, -count(*) from carnet_start group by all
)
select day, tolerance_until, quarter_number(day) as quarter, sum(passes) as passes, sum(eur) as eur,
    sum(carnets) as carnets
from change where day <= getvariable('as_of')
group by day, tolerance_until;

-- The pace of the last 26 weeks, or of those there are. A change weighs for the days it lasted in them.
create temp table pace as
with exposure as (
    select
        origin_on,
        sum(passes * (origin_on - greatest(day, since))) / 7.0 as pass_weeks,
        sum(carnets * (origin_on - greatest(day, since))) / 7.0 as carnet_weeks
    from origin join (select day, sum(passes) as passes, sum(carnets) as carnets from stock_change group by day)
        on day < origin_on
    where since is not null
    group by origin_on
),
first_use as (
    select origin_on, sum(carnets) as carnets
    from origin join (select first_used_on, count(*) as carnets from started group by first_used_on)
        on first_used_on > since and first_used_on <= origin_on
    group by origin_on
),
activity as (
    select
        origin_on, quarter,
        origin.passes_used - coalesce(before.passes_used, 0) as passes_used,
        round(60 * origin.hours) - round(60 * coalesce(before.hours, 0)) as minutes,
        origin.people_reached - coalesce(before.people_reached, 0) as people_reached
    from origin left join marts.progress_daily as before on before.date_day = since
    where since is not null
)
select
    origin_on, quarter,
    1 - least(coalesce(passes_used / nullif(pass_weeks, 0), 0), 1.0) as use_left,
    1 - least(coalesce(carnets / nullif(carnet_weeks, 0), 0), 1.0) as start_left,
    minutes / nullif(passes_used, 0) as minutes_per_use,
    case when carnets > 0 then least(people_reached / carnets, 1.0) else 0 end as people_per_start
from activity
left join exposure using (origin_on)
left join first_use using (origin_on);

create temp table stock as
with existing as (
    select
        origin_on, origin_on as available_on, tolerance_until as last_usable_on, sum(passes)::double as passes,
        sum(eur)::double as eur, sum(carnets)::double as carnets
    from pace join stock_change on stock_change.quarter <= pace.quarter
    group by all
    having sum(passes) > 0 or sum(carnets) > 0
),
usual as (
    select
        origin_on, sum(eur) / sum(passes) as pass_eur, sum(passes) / sum(carnets) as carnet_passes,
        round(sum(pass_days) / sum(passes))::integer as days
    from pace join (
        select
            quarter_number(issued_on) as quarter, sum(pass_count) as passes, count(*) as carnets,
            sum(pass_count * face_value_eur) as eur, sum(pass_count * (tolerance_until - issued_on)) as pass_days
        from core.dim_carnet group by all
    ) as issue on issue.quarter <= pace.quarter
    group by origin_on
),
committed as (
    select
        origin_on, sum(amount_incl_tax_eur) as eur,
        sum(amount_incl_tax_eur) filter (where category = 'valeur_faciale') as face_value_eur
    from pace join core.fct_budget_entry on entered_on <= origin_on
    where nature = 'engagement'
    group by origin_on
),
plan as (
    select
        origin_on, agreement_ends_on as ends_on, greatest(0, ends_on - origin_on + 6) // 7 as weeks,
        greatest(budget_eur - eur, 0)::double * face_value_eur / eur / weeks as week_eur, pass_eur, carnet_passes, days
    from usual join committed using (origin_on) cross join programme
    where eur > 0 and weeks > 0
),
reissue as (
    select
        origin_on, least(origin_on + 7 * unnest(range(1, weeks + 1))::integer, ends_on) as available_on,
        available_on + days as last_usable_on, week_eur / pass_eur as passes, week_eur as eur,
        week_eur / pass_eur / carnet_passes as carnets
    from plan where week_eur > 0
)
select *, unnest(['sans_reemission', 'budget_restant']) as scenario from existing
union all
select *, 'budget_restant' from reissue;

-- Growth at the targets and at the last usable days before the last of them: each week the pace takes the same share of
-- what is still usable. `reachable`: if all of it served; `lapsed`: the part that is gone by then.
create temp table growth as
with point as (
    select origin_on, unnest(['sans_reemission', 'budget_restant']) as scenario, target_on as day
    from target semi join pace using (origin_on)
    union
    select origin_on, scenario, last_usable_on
    from stock join (select origin_on, max(target_on) as horizon from target group by origin_on) using (origin_on)
    where last_usable_on < horizon
),
served as (
    select
        point.*, passes, eur, carnets, last_usable_on <= day as has_lapsed,
        (least(day, last_usable_on) - available_on) / 7.0 as usable_weeks
    from point
    left join stock
        on stock.origin_on = point.origin_on and stock.scenario = point.scenario and available_on <= day
),
total as (
    select
        origin_on, scenario, day,
        sum(passes * (1 - power(use_left, usable_weeks))) * any_value(minutes_per_use) / 60 as hours,
        sum(carnets * (1 - power(start_left, usable_weeks))) * any_value(people_per_start) as people,
        sum(eur * (1 - power(use_left, usable_weeks))) as eur,
        sum(passes) * any_value(minutes_per_use) / 60 as all_hours, sum(carnets) as all_carnets, sum(eur) as all_eur,
        sum(passes) filter (where has_lapsed) * any_value(minutes_per_use) / 60 as lapsed_hours,
        sum(carnets) filter (where has_lapsed) as lapsed_carnets, sum(eur) filter (where has_lapsed) as lapsed_eur
    from served join pace using (origin_on)
    group by all
),
by_indicator as (
    select
        origin_on, scenario, day, (day - origin_on) / 7.0 as weeks,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([total.hours, people, eur]) as growth,
        unnest([all_hours, all_carnets, all_eur]) as reachable,
        unnest([lapsed_hours, lapsed_carnets, lapsed_eur]) as lapsed,
        unnest([origin.hours, people_reached, face_value_used_eur]) as counted
    from total join origin using (origin_on)
)
select
    * replace (coalesce(growth, 0) as growth, coalesce(reachable, 0) as reachable, coalesce(lapsed, 0) as lapsed)
from by_indicator;

-- What came after a past origin: all of it, and what the passes and carnets issued by then gave.
create temp table outcome as
with cohort as (
    select quarter_number(issued_on) as issued, quarter_number(used_on) as happened, sum(face_value_eur) as eur
    from core.fct_pass where status = 'used' group by all
    union all by name
    select quarter_number(issued_on) as issued, quarter_number(attended_on) as happened, sum(minutes) as minutes
    from core.fct_attendance join core.dim_carnet using (carnet_number)
    group by all
),
given as (
    select origin_on, target_on, coalesce(sum(minutes), 0) / 60.0 as hours, coalesce(sum(eur), 0)::double as eur
    from trial left join cohort on issued <= quarter and happened > quarter and happened <= target_quarter
    group by all
),
-- A person who holds several carnets is reached by the first used of those issued by then, if not reached before.
carnet as (
    select
        coalesce(beneficiary_key, 'carnet:' || carnet_start.carnet_number) as person_key,
        quarter_number(issued_on) as issued, quarter_number(first_used_on) as happened
    from carnet_start
    left join core.fct_prescription on prescription_id = holding_prescription_id
    where first_used_on is not null
),
reached as (
    select origin_on, happened, count(*) as people
    from (
        select origin_on, min(happened) as happened
        from carnet
        join core.dim_person using (person_key)
        join origin on issued <= quarter and happened > quarter and happened <= quarter + 4 and reached_on > origin_on
        group by origin_on, person_key
    )
    group by all
),
met as (
    select origin_on, target_on, sum(people)::double as people
    from trial join reached using (origin_on)
    where happened <= target_quarter
    group by all
),
total as (
    select
        given.*, coalesce(people, 0) as people,
        origin.hours as then_hours, origin.people_reached as then_people, origin.face_value_used_eur as then_eur,
        target.hours as at_hours, target.people_reached as at_people, target.face_value_used_eur as at_eur
    from given left join met using (origin_on, target_on)
    join origin using (origin_on) join origin as target on target.origin_on = target_on
),
by_indicator as (
    select
        origin_on, target_on,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([hours, people, eur]) as given,
        unnest([then_hours, then_people, then_eur]) as counted,
        unnest([at_hours, at_people, at_eur]) as counted_at_target
    from total
)
select
    origin_on, target_on, indicator, counted_at_target,
    unnest(['sans_reemission', 'budget_restant']) as scenario,
    unnest([given, counted_at_target - counted]) as growth
from by_indicator;

-- The band from the errors known by the origin; then, last and always, what is possible: the band on the growth alone,
-- never falling, never more after a last usable day than what survives it.
create temp table spread as
with error as (
    select
        scenario, indicator, target_on as known_on, 13 / weeks as weight,
        ln(greatest(outcome.growth, 1) / greatest(growth.growth, 1)) as error
    from growth join outcome using (origin_on, scenario, indicator)
    where day = target_on
),
known as (
    select
        origin_on, scenario, indicator,
        round(sqrt(
            (4 * 0.45 * 0.45 + sum(weight * error * error)) / (4 + sum(weight))
        ), 6) as sigma
    from (select distinct origin_on, scenario, indicator from growth) join error using (scenario, indicator)
    where known_on <= origin_on
    group by all
)
select origin_on, scenario, indicator, coalesce(sigma, 0.45) as sigma
from (select distinct origin_on, scenario, indicator from growth) left join known using (origin_on, scenario, indicator);

create temp table projected as
with band as (
    select
        growth.*, 1.2816 * sigma * power(weeks / 13, 0.25) as width,
        max(growth * exp(-width)) over so_far as low,
        max(growth) over so_far as median,
        max(growth * exp(width)) over so_far as high
    from growth join spread using (origin_on, scenario, indicator)
    window so_far as (partition by origin_on, scenario, indicator order by day)
),
possible as (
    select
        * replace (
            least(low, reachable + least(0, min(low - lapsed) over so_far)) as low,
            least(median, reachable + least(0, min(median - lapsed) over so_far)) as median,
            least(high, reachable + least(0, min(high - lapsed) over so_far)) as high
        )
    from band
    window so_far as (partition by origin_on, scenario, indicator order by day)
)
select
    origin_on, scenario, indicator, day as target_on, counted,
    greatest(counted, round(counted + low, 4)) as low,
    greatest(counted, round(counted + median, 4)) as median,
    greatest(counted, round(counted + high, 4)) as high,
    greatest(counted, round(counted + reachable, 4)) as ceiling
from possible semi join target on target.origin_on = possible.origin_on and target_on = day;

create table marts.projection as
select
    indicator, scenario, target_on, target_on = mandate_ends_on as is_mandate_end, low, median, high, ceiling, target,
    origin_on as as_of
from projected
join marts.indicator as named on named.code = indicator
join programme on programme.as_of = origin_on;

create table marts.projection_backtest as
select
    indicator, scenario, origin_on, target_on, low, median, high, ceiling,
    counted + growth as actual, counted_at_target as actual_total,
    actual between low and high as is_within_band,
    high - low + 10 * greatest(low - actual, actual - high, 0) as interval_score
from projected join outcome using (origin_on, scenario, indicator, target_on);

create table marts.projection_reliability as
with tried as (
    select
        indicator, scenario, count(origin_on) as trials,
        count(*) filter (where is_within_band) as within_band,
        avg(high - low) as mean_width, avg(interval_score) as mean_interval_score,
        sum(interval_score) / nullif(sum(actual), 0) as relative_interval_score
    from (select distinct indicator, scenario from projected)
    left join marts.projection_backtest using (indicator, scenario)
    group by all
)
select
    indicator, scenario, trials, within_band,
    (within_band / nullif(trials, 0))::double as within_share,
    mean_width, mean_interval_score, relative_interval_score,
    trials < trust_min_trials
        or within_band not between trust_share_min * trials and trust_share_max * trials as is_indicative
from tried cross join programme;

-- What a scenario starts from: the pace and the spread of as-of, the stock, and how fast each territory goes beside it.
create table marts.scenario_basis as
select
    indicator, origin_on as as_of,
    case indicator
        when 'hours' then hours when 'people_reached' then origin.people_reached else face_value_used_eur
    end as counted,
    1 - use_left as use_rate, 1 - start_left as start_rate, minutes_per_use, people_per_start,
    max(sigma) filter (where scenario = 'sans_reemission') as sigma,
    max(sigma) filter (where scenario = 'budget_restant') as sigma_reissued
from spread join pace using (origin_on) join origin using (origin_on)
where is_current
group by all;

create table marts.scenario_stock as
with current_stock as (
    select stock.* from stock join programme on as_of = origin_on
)
select
    case when available_on = origin_on then 'existing' else 'reissued' end as batch, null::varchar as territory_code,
    available_on, last_usable_on, passes as passes_to_use, eur as face_value_eur, carnets as carnets_to_start
from current_stock
where (scenario = 'sans_reemission') = (available_on = origin_on)
union all
select
    'undistributed', territory_code, as_of, tolerance_until, count(*)::double, sum(face_value_eur)::double,
    count(distinct carnet_number)::double
from core.fct_pass cross join programme
where status in ('in_stock', 'with_prescriber') and tolerance_until > as_of
group by all;

create table marts.territory_pace as
with now as (
    select since, as_of, use_rate, start_rate
    from origin join (select distinct as_of, use_rate, start_rate from marts.scenario_basis) on as_of = origin_on
),
pass as (
    select
        territory_code, count(*) filter (where status = 'used' and left_on > since) as used,
        sum(greatest(0, least(left_on, tolerance_until, as_of) - greatest(issued_on, since))) / 7.0 * any_value(use_rate)
            as expected
    from core.fct_pass cross join now group by territory_code
),
carnet as (
    select
        territory_code, count(*) filter (where first_used_on > since) as begun,
        sum(greatest(0, least(until, first_used_on, as_of) - greatest(dim_carnet.issued_on, since))) / 7.0
            * any_value(start_rate) as expected
    from carnet_start join core.dim_carnet using (carnet_number) cross join now group by territory_code
)
select
    territory_code,
    (coalesce(used, 0) + 50) / (coalesce(pass.expected, 0) + 50) as use_tempo,
    (coalesce(begun, 0) + 50) / (coalesce(carnet.expected, 0) + 50) as start_tempo
from core.dim_territory semi join now on true
left join pass using (territory_code) left join carnet using (territory_code)
where is_participating;

-- What was decided, and the totals of that day, of 91 days before, and since.
create table marts.decision_outcome as
with daily as (
    select
        date_day, unnest(['hours', 'people_reached', 'people_equipped', 'passes_used', 'face_value_used_eur',
            'budget_committed_eur', 'budget_paid_eur']) as indicateur,
        unnest([hours, people_reached, people_equipped, passes_used, face_value_used_eur, budget_committed_eur,
            budget_paid_eur]::double[]) as total
    from marts.progress_daily
),
dated as (
    select decision.*, as_of, least(coalesce(echeance, as_of), as_of) as counted_on,
        row_number() over (order by prise_le) as decision_number
    from decision cross join programme
),
found as (
    select dated.*, coalesce(at_start.total, 0) as at_start, coalesce(at_end.total, 0) as at_end,
        coalesce(earlier.total, 0) as earlier, dated.indicateur is not null and prise_le <= as_of as is_told
    from dated
    left join daily as at_start on at_start.indicateur = dated.indicateur and at_start.date_day = prise_le
    left join daily as at_end on at_end.indicateur = dated.indicateur and at_end.date_day = counted_on
    left join daily as earlier on earlier.indicateur = dated.indicateur and earlier.date_day = prise_le - 91
)
select
    decision_number, prise_le as decided_on, decision, porteur as owner, montant_eur as amount_eur,
    indicateur as indicator, attendu as expected, echeance as due_on, scenario as scenario_choices,
    case when is_told then at_start end as value_when_decided, case when is_told then at_end end as value,
    case when is_told then (at_start - earlier) / 13 end as weekly_before,
    case when is_told and counted_on > prise_le then (at_end - at_start) / ((counted_on - prise_le) / 7.0) end
        as weekly_since,
    case
        when prise_le > as_of then 'to_come' when indicateur is null then 'noted' when at_end >= attendu then 'met'
        when echeance <= as_of then 'missed' else 'pending'
    end as outcome
from found;
