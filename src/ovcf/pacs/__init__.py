"""Picture archives: studies are taken from them, assessed, and the results go back under the identity of the images."""
