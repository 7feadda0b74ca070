"""The clinical facts of one patient and visit, as data."""
