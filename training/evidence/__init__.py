"""What is derived from the trained models and shipped beside them: bias, evidence of levels, limits."""
