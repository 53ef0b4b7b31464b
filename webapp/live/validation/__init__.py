"""Values that clients send, checked against the fields of a model.

In: the texts of a form, or JSON. Out: values that every database can store, or a `FieldProblem` for each field that
does not fit.

- `validator`: Validator, the entry point. Its docstring states the rules for forms and for JSON.
- `columns`, `column_kinds`, `constraints`: one reader for each column, the forms that it accepts, and its bounds.
- `texts`, `json_values`: which texts and which JSON values can be stored and shown.
- `uniqueness`, `references`: which field caused an IntegrityError of the database.
"""

from webapp.live.validation.references import dangling
from webapp.live.validation.texts import (
    cleaned,
    is_blank,
    is_storable,
    name_and_secret,
    name_of,
    numeral,
    without_unseen,
)
from webapp.live.validation.uniqueness import conflict, unique_sets
from webapp.live.validation.validator import FieldProblem, Invalid, Validator, shown

__all__ = [
    "FieldProblem",
    "Invalid",
    "Validator",
    "cleaned",
    "conflict",
    "dangling",
    "is_blank",
    "is_storable",
    "name_and_secret",
    "name_of",
    "numeral",
    "shown",
    "unique_sets",
    "without_unseen",
]
