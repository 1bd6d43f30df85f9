"""How any table leaves the building: typed columns, CSV with its schema, sheets, catalogue, frozen editions.

Does not live here: which figures (reporting/figures) and which documents (anct, bilan, mandate, open_data).
"""
