"""The second engine: the same dbt models, built by Apache Spark (docs/echelle.md, docs/adr/0019).

`translate` says DuckDB's SQL in Spark's (sqlglot, and the rules of `rules` and `shapes`), `shadow` knows the types of
every table, `session` is Spark, `engine` writes tables and answers, `adapter` is dbt's own door, `build` a whole build,
`published` its versions. Runs in its own environment (`make spark`): nothing else imports PySpark or dbt-spark.
"""
