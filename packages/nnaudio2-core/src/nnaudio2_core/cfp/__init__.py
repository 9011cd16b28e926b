"""Combined frequency and periodicity."""
