"""What Dagster materialises, one module an asset or an op: it calls a step and says what came of it.

Does not live here: the steps (steps.py), when they run by themselves (schedules.py).
"""
