"""Everything that is known of one patient, to be given to them or, without what tells who they are, to research."""
