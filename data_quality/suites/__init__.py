"""The suites, one module a table; each gives its CHECKS."""
