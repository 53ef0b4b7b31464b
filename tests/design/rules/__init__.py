"""Tests of `python -m webapp check templates`."""
