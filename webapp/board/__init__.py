"""The board of live values: a feature. Every visitor may change its whole numbers, which have names.

In: forms and socket frames that create, update, delete or increment a value.
Out: the page /values/, and the frames of the stream `intval`.

    feature.py    the board as a feature: its models, binding and routes
    models.py     IntegerValue
    bindings.py   the stream `intval`
    counting.py   increments in the database; rooms use it for their values too
"""

from webapp.board.counting import Counting, add_within_bounds, beyond_bounds
from webapp.board.feature import feature
from webapp.board.models import IntegerValue

__all__ = ["Counting", "IntegerValue", "add_within_bounds", "beyond_bounds", "feature"]
