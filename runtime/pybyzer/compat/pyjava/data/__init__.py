"""Data sources for ``ray.data``."""
