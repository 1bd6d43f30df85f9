"""The headline figures made by other tools from the same files, and nothing else: how dear the engine itself is.

Each module is a command of its own: `python -m benchmarks.yardsticks.polars_figures LANDING SETTINGS` prints every
indicator as JSON; the bench asserts them equal to those that `passnum run` published. They read clean deliveries only
(one length of pass numbers, no carnet over another), keep no table, and make no pseudonym: no figure needs one.
Does not live here: the floor, which makes the tables.
"""
