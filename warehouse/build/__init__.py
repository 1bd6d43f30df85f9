"""From the lake to a published version: inputs, candidate, models, fingerprints, history, publication.

Does not live here: the rules of the figures (dbt_project/), the checks (data_quality/), reading what was published
(warehouse/published/). Nothing here is imported by a page or a document.
"""
