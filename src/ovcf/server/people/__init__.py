"""Several people at one service: signing in, sessions, and what keeps other pages and strangers out."""
