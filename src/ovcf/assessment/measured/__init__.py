"""What is measured in one study: from points, from outlines, from the marrow signal."""
