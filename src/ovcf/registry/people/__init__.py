"""Accounts of the people of a registry: standing, passwords, sessions."""
