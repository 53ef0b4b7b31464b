"""What designers work with."""
