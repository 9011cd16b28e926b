"""Every tolerance of the test suite, each with its reason."""

# --- constant-Q family -------------------------------------------------------------------------------
# float64 against float64, a few hundred operations deep: round-off alone.
ANALYTIC_FLOAT64 = 1e-11
# The legacy builder rounds its kernels to complex64 and scales them in it: two units in the last place of
# the peak.
LEGACY_COMPLEX64_KERNEL = 2.5e-7
