"""Benchmarks: how well and how fast the program does, section by section of docs/validation.md."""
