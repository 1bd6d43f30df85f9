"""What leaves the house as files and mails: the ANCT export, the bilan, the data-quality report.

Reads the published version only. Does not live here: the pages (dashboards/), the figures (dbt_project/), the command.
"""
