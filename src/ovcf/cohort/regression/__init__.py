"""Logistic regression, and whether it can be trusted."""
