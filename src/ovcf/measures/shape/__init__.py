"""Measurements of the shape of a vertebra, from the six points of each; and the grades that follow."""
