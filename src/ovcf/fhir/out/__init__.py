"""A reading as resources: one file for each kind."""
