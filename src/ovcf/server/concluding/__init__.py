"""Where readings are concluded: in this process for one reader, in processes of their own for many."""
