"""Blinded readings: assigned, returned, compared, adjudicated."""
