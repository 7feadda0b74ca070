"""Damaged files and studies: what must be refused or said."""
