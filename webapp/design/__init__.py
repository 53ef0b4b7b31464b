"""Tools for designers, who change templates and style sheets and nothing else.

contract.py            what has to stay in the templates, from templates/contract.toml
template_errors.py     explains the error of a template: its file and line, and what is there instead
template_mistakes.py   tells the kinds of errors apart, and finds what may be meant
template_names.py      the names that a template may use, with their types

The folders:

fixtures/   sample data for every template, from fixtures.toml
gallery/    the pages at /design/ that show every template in every state
preview/    in development, shows each saved file in the pages that are open
rules/      `python -m webapp check templates`: one small function for each rule
"""
