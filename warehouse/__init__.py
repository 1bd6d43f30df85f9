"""The warehouse: made in build/, read in published/; where things are, for both (settings.py)."""
