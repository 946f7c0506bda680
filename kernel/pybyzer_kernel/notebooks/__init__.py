"""Notebook files: .mlsqlnb and .bznb to .ipynb and back."""
