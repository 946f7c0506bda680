"""Models as tables, and back to directories."""
