"""Typed results as rows of tables."""
