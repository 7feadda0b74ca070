"""Osteoporotic vertebral compression fractures, from images to a cited assessment."""
