"""How the built-in models were trained, and what the program knows of their errors."""
