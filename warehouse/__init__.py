"""The published warehouse: where it lives, how it is opened, replaced, traced and compared."""
