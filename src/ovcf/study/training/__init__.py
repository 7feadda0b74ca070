"""Training: digital patients whose truth is known, and how far a reader was from it."""
