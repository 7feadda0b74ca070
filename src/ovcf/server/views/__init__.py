"""What the page is shown of a reading, as plain data."""
