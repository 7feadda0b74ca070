"""Readers who read the same: categories and measurements."""
