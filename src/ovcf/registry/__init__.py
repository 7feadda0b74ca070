"""Patients over time: who, when, what was seen, done and reported; every row kept, every entry audited."""
