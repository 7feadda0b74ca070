"""A study by its protocol: who is screened, enrolled, seen, read blinded, judged, locked, and merged from sites."""
