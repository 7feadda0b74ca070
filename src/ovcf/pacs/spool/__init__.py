"""What archives sent, kept safely until it is taken into the registry."""
