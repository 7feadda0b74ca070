"""What patients answer, as numbers."""
