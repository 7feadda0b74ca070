"""From files to typed columns: dictionary, checks, and the columns that analyses need."""
