"""What helps designers, who change templates and style sheets and nothing else.

The folders:

    fixtures/   sample data for every template, from fixtures.toml
    gallery/    the pages at /design/ that show every template in every state
"""
