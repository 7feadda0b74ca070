"""The protocol: one file that says what a study does, as data."""
