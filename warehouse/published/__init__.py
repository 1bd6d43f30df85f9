"""The published versions, read only: opened, traced, compared, with their own settings and age; a refused build too.

Does not live here: making a version (warehouse/build/), how a figure looks (presentation/).
"""
