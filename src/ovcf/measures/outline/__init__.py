"""What the closed outlines of the bodies show: endplates and posterior wall."""
