"""A national view made of published versions, by the real road."""
