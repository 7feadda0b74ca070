"""Classifications and what is counted from them."""
