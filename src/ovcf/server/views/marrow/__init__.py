"""The marrow on the page: what is read where, what counts, and what a threshold does."""
