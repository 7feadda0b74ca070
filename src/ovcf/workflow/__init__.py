"""Policy for a caller: a study and what is known of it in, a draft to be read out."""
