"""The points of attention: what deserves a reader's attention, said once for the pages, the bilan and the exports.

Pure functions: figures in, sentences out; each threshold is a setting (programme.yaml). Does not live here: a figure
(dbt), which facts a reader may be given (dashboards/points.py, reporting/bilan/attention.py).
"""
