"""Patients who never were, with courses like those of HAN 2025: for trying, teaching and measuring."""
