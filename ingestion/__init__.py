"""Bytes to lake: reads what the landing folder receives, and commits it to the lake file by file.

Lives here: contracts, reading, parsing, pseudonyms, lake. Does not: any rule of the programme (dbt_project),
any command line (orchestration).
"""
