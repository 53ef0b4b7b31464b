"""Chat rooms and live values, rendered on the server."""
