"""The pages of an assessment: page one by its state, the inside, the appendix."""
