"""Codes, UIDs, moments and content items: what every object of ours is made of."""
