"""The six points of a vertebra, from its outline or from a file."""
