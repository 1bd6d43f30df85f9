"""SQL that several suites share: the lines of a fact with a defect, gathered by who must mend them.

Each function returns the profile of a check (see Check): one row a unit, with no pass, carnet or beneficiary number.
Does not live here: what is checked and from which threshold (suites/).
"""

from __future__ import annotations

from storage.sql_text import quoted

#: Days after which the issuer has settled a line (monthly counter-payment, late lines): younger ones may still change.
SETTLED_DAYS = 62

#: Name of a file by its identity: a file received twice has one identity and two rows.
FILE_NAMES = """(
    select file_id, min(file_name) filter (where outcome = 'loaded') as file_name, max(extract_date) as extract_date
    from quality.delivered_file
    group by file_id
)"""

_STEM = r"regexp_replace(regexp_replace(lower({0}.file_name), '^.*/', ''), '([.](csv|tsv|txt|xlsx|gz|zip))+$', '')"
#: A file a later delivery takes the place of: same data set, date and name (whatever its folder and format), received
#: after, with at least as many lines. What is wrong with it was mended, or is wrong in the later one too. The name
#: counts: two files of one date may be two halves of an export.
IS_REPLACED = f"""exists (
    select 1 from quality.delivered_file as later
    where later.outcome = 'loaded' and later.dataset = file.dataset and later.extract_date = file.extract_date
        and later.file_id <> file.file_id and later.received_at > file.received_at
        and later.lines_read >= file.lines_read and {_STEM.format("later")} = {_STEM.format("file")}
)"""

#: A delivery that a person has looked at (setting accepted_deliveries).
IS_ACCEPTED = (
    "(list_contains(getvariable('accepted_deliveries'), file_id)"
    " or list_contains(getvariable('accepted_deliveries'), sha256))"
)
#: Days in which a fault of a delivery is still worth a reminder.
RECENT_DAYS = 62

#: Line numbers listed for one unit: all of an ordinary one, and a file wholly at fault stays readable.
LISTED_LINES = 1_000
_SORTED_LINES = "list(line.source_line order by line.source_line)"
_LINES = f"array_to_string({_SORTED_LINES}[1:5], ', ')"
_EVERY_LINE = f"""array_to_string({_SORTED_LINES}[1:{LISTED_LINES}], ', ')
    || case when count(*) > {LISTED_LINES} then '…' else '' end"""
# A line carries its share of the hours of its attendance; one that does not count carries none.
_ATTENDANCE = "(select attendance_id, hours / nullif(passes_used, 0) as hours from core.fct_attendance) as attendance"
_HOURS = "sum(attendance.hours)"


def _where_found(file_name: str) -> str:
    return f"""' (« ' || coalesce(min({file_name}), 'fichier inconnu') || ' », '
            || case when count(*) = 1 then 'ligne ' else 'lignes ' end || {_LINES}
            || case when count(*) > 5 then '…' else '' end || ')'"""


_FOUND = _where_found("file.file_name")


def uses_by_lieu(where: str, what: str) -> str:
    """Redemption lines that hold `where`, by lieu and file. `what`: French words before the number of passes.

    `where` reads `line`, its `lieu` and its `file`; hours are looked for where it holds only.
    """
    return f"""
        select
            line.lieu_siret,
            any_value(line.territory_of_lieu) as territory_code,
            line.source_file_id,
            {_EVERY_LINE} as source_lines,
            count(*) as value,
            count(*) as passes,
            sum(line.amount_eur) as amount_eur,
            {_HOURS} as hours,
            coalesce(any_value(line.lieu_name), 'Lieu ' || line.lieu_siret)
            || {quoted(f" — {what} : ")} || fr_int(count(*)) || {_where_found("line.file_name")} as detail
        from (
            select line.lieu_siret, line.source_file_id, line.source_line, line.amount_eur, line.attendance_id,
                lieu.territory_code as territory_of_lieu, lieu.lieu_name, file.file_name
            from core.fct_redemption as line
            left join core.dim_lieu as lieu using (lieu_siret)
            left join {FILE_NAMES} as file on line.source_file_id = file.file_id
            where {where}
        ) as line
        left join {_ATTENDANCE} using (attendance_id)
        group by line.lieu_siret, line.source_file_id
    """


def uses_by_prescriber(where: str, what: str) -> str:
    """Redemption lines that hold `where`, by the structure that held the stock of the carnet, and by file."""
    return f"""
        select
            carnet.prescriber_siret,
            any_value(carnet.territory_code) as territory_code,
            line.source_file_id,
            {_EVERY_LINE} as source_lines,
            count(*) as value,
            count(*) as passes,
            sum(line.amount_eur) as amount_eur,
            {_HOURS} as hours,
            coalesce(any_value(prescriber.prescriber_name), 'Prescripteur inconnu')
            || {quoted(f" — {what} : ")} || fr_int(count(*)) || {_FOUND} as detail
        from (select * from core.fct_redemption as line where {where}) as line
        left join {_ATTENDANCE} using (attendance_id)
        left join core.dim_carnet as carnet using (carnet_number)
        left join core.dim_prescriber as prescriber on carnet.prescriber_siret = prescriber.prescriber_siret
        left join {FILE_NAMES} as file on line.source_file_id = file.file_id
        group by carnet.prescriber_siret, line.source_file_id
    """


def prescriptions_by_prescriber(where: str, what: str) -> str:
    """Prescription lines that hold `where`, by prescriber and file; `passes` are those of the carnets issued."""
    return f"""
        select
            line.prescriber_siret,
            any_value(line.territory_code) as territory_code,
            line.source_file_id,
            {_EVERY_LINE} as source_lines,
            count(*) as value,
            sum(carnet.pass_count) as passes,
            sum(carnet.pass_count * carnet.face_value_eur) as amount_eur,
            coalesce(any_value(prescriber.prescriber_name), 'Prescripteur inconnu')
            || {quoted(f" — {what} : ")} || fr_int(count(*)) || {_FOUND} as detail
        from core.fct_prescription as line
        left join core.dim_carnet as carnet using (carnet_number)
        left join core.dim_prescriber as prescriber on line.prescriber_siret = prescriber.prescriber_siret
        left join {FILE_NAMES} as file on line.source_file_id = file.file_id
        where {where}
        group by line.prescriber_siret, line.source_file_id
    """


def carnets_by_file(where: str, what: str) -> str:
    """Carnets that hold `where`, by territory and file."""
    return f"""
        select
            line.territory_code,
            line.source_file_id,
            {_EVERY_LINE} as source_lines,
            count(*) as value,
            sum(line.pass_count) as passes,
            sum(line.pass_count * line.face_value_eur) as amount_eur,
            coalesce(any_value(territory.territory_name), line.territory_code)
            || {quoted(f" — {what} : ")} || fr_int(count(*)) || {_FOUND} as detail
        from core.dim_carnet as line
        left join core.dim_territory as territory on line.territory_code = territory.territory_code
        left join {FILE_NAMES} as file on line.source_file_id = file.file_id
        where {where}
        group by line.territory_code, line.source_file_id
    """
