"""Scores and predicted risks: discrimination, calibration, usefulness, and their making."""
