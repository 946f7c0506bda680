"""Spark SQL read, typed and written again as DuckDB's SQL: the parts behind ``engines/dialect.py``."""
