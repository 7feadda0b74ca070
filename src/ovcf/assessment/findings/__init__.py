"""What is found in one study: typed findings, their words, and what leads to them."""
