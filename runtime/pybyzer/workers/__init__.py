"""Python workers: run user code on tables, which travel as Arrow."""
