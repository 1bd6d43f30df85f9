"""Dagster assets, checks, sensors and schedules, and the `passnum` command that runs them."""
