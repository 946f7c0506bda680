"""What each function of Spark SQL means in DuckDB's SQL; one file per family, rules as tables.

The families are imported for their registrations when the dialect is first used.
"""
