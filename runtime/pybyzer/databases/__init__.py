"""Databases behind JDBC URLs, one file each."""
