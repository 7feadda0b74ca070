"""The page on which one reading is read and edited, served on this machine alone. No clinical logic."""
