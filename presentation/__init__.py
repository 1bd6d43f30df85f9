"""How a figure looks to a French reader, once: numbers, dates, words of codes, tables, workbooks, safe cells.

Pages, documents, mails, checks and commands share it. Does not live here: computing a figure (dbt_project/), reading
one (warehouse/published/), what a page or a document shows (dashboards/, reporting/).
"""
