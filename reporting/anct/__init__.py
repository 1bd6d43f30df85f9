"""The export for the State (ANCT): a workbook for people, CSV files for machines, frozen by edition.

Its columns are columns.yaml: a new form is a change of that file. Does not live here: the figures themselves.
"""
