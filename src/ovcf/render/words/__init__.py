"""Typed results as words."""
