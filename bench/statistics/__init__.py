"""The cohort engine: coverage of intervals, speed, and the reconstructed cohort."""
