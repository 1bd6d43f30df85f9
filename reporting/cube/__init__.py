"""The protected cube of a version: every figure that a page may show to a reader outside the team, and no other.

Lives here: the figures and how they add up (facts.py, people.py), which of them are withheld (choose.py, by the one
rule of reporting/suppression), the file beside the version (store.py). Does not live here: the pages that read it
(dashboards/queries_protected.py), the rule itself, what documents publish (reporting/figures).
"""

from reporting.cube.store import Cube, cube_file, cube_of, issued_by

__all__ = ["Cube", "cube_file", "cube_of", "issued_by"]
