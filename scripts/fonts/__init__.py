"""How the letters of the PDF were made."""
