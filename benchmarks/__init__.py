"""Yardsticks and measures: how much the product costs beside the least that the same work can cost.

`python -m benchmarks` (or `make bench`) measures and writes docs/performance.md; `python -m benchmarks --help` lists
the sections. Everything is a ratio within one run of one machine, and no time is asserted anywhere. Three studies stand
apart, each with its own usage: `ingestion.py` (the reader beside a plain read), `checks.py` (the time of each suite),
`projection.py` (how well the projection holds). Does not live here: tests.
"""
