"""What became of a fracture: the same vertebra at several visits, each change judged against its error."""
