"""Analyses of a cohort asked for on a page: each in a process of its own, in a folder of its own."""
