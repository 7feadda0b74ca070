"""Slices of digital patients, and real MRI of which only what its readers drew is asked."""
