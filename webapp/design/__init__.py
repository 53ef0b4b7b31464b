"""What helps designers, who change templates and style sheets and nothing else.

The folders:

    fixtures/   sample data for every template, from fixtures.toml
"""
