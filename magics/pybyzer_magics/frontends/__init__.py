"""From a cell to its statements: one file for each cell language."""
