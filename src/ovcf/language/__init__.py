"""In which language people are spoken to: English sentences that can be said in another one at the edge."""
