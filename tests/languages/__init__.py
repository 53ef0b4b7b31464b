"""Pages in the language of their reader."""
