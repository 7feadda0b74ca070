"""Rules that turn findings and scores into cited statements, and the evidence they cite."""
