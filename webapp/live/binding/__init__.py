"""Bindings: a model's rows on the pages of a group, and visitors' edits to the rows.

- `binding`: Binding, the class that an app declares, and Rights.
- `declaration`, `declaration_check`: the part that both share, and everything that can be wrong with either.
- `rows`, `model_columns`, `row_versions`: queries, and the version of a row that a form carries.
- `fragments`, `json_data`: the rows as HTML and as data.
- `inbound`, `actions`, `edits`: an action that a visitor asks for, permitted, and committed through the writer.
- `reply`, `refusal`: the answer to the visitor, and the one way to refuse.
"""
