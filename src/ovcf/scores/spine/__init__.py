"""Scores of the whole spine: number and size of fractures, and density for want of a T-score."""
