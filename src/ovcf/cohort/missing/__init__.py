"""Missing values: imputed several times, and the analyses put together."""
