"""Published figures: checked, and cohorts reconstructed from them."""
