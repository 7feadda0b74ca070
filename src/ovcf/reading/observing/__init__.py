"""All that needs pixels: from images and bodies to observations."""
