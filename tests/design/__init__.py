"""Tests of the tools for designers."""
