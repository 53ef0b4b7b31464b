"""Copies of the database, and of a room."""
