"""Pages made from declarations, derived tables, examples, and what a release needs."""
