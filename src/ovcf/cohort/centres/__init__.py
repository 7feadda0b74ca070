"""Several centres: each by itself, all together, and each as the test of a model made in the others."""
