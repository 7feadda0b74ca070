"""Parts of the soaks: a service that is killed, people who work with it, and whether their work is whole."""
