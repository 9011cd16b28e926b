"""Products with matrices that are mostly zero."""
