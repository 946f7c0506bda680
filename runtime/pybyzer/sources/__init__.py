"""Formats: one file each. What ``load format.`` and ``save ... as format.`` can read and write."""
