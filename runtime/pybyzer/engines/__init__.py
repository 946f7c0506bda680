"""SQL engines behind one interface of nine methods."""
