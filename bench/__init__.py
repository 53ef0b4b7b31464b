"""How fast and how small this app is beside its peers, measured side by side on one machine.

- `run`: the command `bin/bench`
- `scenarios/`: what is measured, a module for each
- `peers/`: the servers that are measured beside this app
- `harness/`: starts servers, talks to them, measures them and prints the tables
"""
