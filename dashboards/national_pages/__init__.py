"""The pages of a national view, one module each. Does not live here: what they read (dashboards/national.py)."""
