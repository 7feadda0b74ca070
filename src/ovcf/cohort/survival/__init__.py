"""Time to an event, with and without competing ones."""
