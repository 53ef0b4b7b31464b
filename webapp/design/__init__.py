"""What designers work with: checks of their templates, samples of each, and a preview while they write.

Modules:
    contract.py  the ids that live updates look for, from templates/contract.toml

Folders:
    fixtures/    the states in which templates are shown and checked, from templates/fixtures.toml
    rules/       `python -m webapp check templates`: one small function for each rule
"""
