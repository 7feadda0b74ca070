"""The whole line for one study: images, landmarks and clinical facts in, a cited assessment out."""
