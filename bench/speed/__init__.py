"""How long what people wait for takes."""
