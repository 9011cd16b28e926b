"""Block-sparse matrices: products with matrices that are mostly zero."""
