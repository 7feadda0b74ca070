"""Measurements of the marrow signal of a vertebra, from the voxels of each body."""
