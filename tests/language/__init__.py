"""Another language than English."""
