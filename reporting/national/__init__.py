"""The figures of the national pages: true ones (facts.py), and those that a reader outside the team may be shown
(protected.py). Does not live here: uniting the marts (warehouse/build/national.py), the pages (dashboards/national.py).
"""
