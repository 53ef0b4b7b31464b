"""What helps designers, who change templates and style sheets and nothing else.

fixtures/   sample data for every template, from fixtures.toml
"""
