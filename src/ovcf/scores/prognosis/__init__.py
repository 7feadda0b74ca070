"""Scores of what will become of a fracture, and judgements of a course."""
