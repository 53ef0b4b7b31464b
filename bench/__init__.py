"""How fast and how small this app is beside its peers, measured side by side on one machine."""
