"""`python -m webapp new NAME field:type …`: writes a feature that works at once into a checkout.

blueprint.py  what is asked for, checked against Python, the models, the engine and the features that there are
kinds.py      the types of fields: their columns, what a form and a row show of them, an example of each
files/        what is written, with << placeholders >>: Python, templates, a test
drawing.py    fills these in, laid out as ruff and djlint want them
listing.py    the line in `webapp/features.py`
migration.py  the migration, made by Tortoise from the new models before they are where the app finds them
writing.py    puts everything into its place, or nothing
command.py    all of it in order

It exports nothing by itself: `migration` runs in a process that must not have loaded the list of features yet.
"""
