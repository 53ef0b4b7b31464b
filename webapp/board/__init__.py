"""The board of live values: a feature. Whole numbers with names, which everybody changes together."""

from webapp.board.feature import feature

__all__ = ["feature"]
