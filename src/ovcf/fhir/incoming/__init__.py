"""Clinical facts out of a bundle: what is understood is a fact, and everything else is named."""
