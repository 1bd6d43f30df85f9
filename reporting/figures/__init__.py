"""The figures of one period, as every document that leaves the building shows them: read once, masked once.

Lives here: periods (period.py), reading the published file (collect.py), the cells that small-count protection
works on (cells.py), the masked publication (publication.py). Does not live here: any layout (anct, bilan, …).
"""
