"""What whoever runs the app asks of it."""
