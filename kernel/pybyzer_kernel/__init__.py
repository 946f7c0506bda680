"""The Jupyter kernel: the wire in, the wire out."""
