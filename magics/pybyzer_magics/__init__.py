"""Cells, directives, rendering and completion: what stands between a front end and the runtime."""
