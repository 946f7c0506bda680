"""SQL functions the language adds to Spark SQL (``vec_dense`` ...): one file for each family."""
