"""Repeated visits of the same patients."""
