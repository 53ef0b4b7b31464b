"""The servers that this app is compared with, each written the way its own documentation recommends."""
