"""The shared lake (DuckLake over a real PostgreSQL and a folder): what is registered, what goes, many at once."""
