"""Training in the service: exercises on digital patients, and how far their reader was from the truth."""
