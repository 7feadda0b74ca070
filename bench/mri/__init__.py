"""MRI and CT, of people and of digital patients: bodies, levels, landmarks, signal."""
