"""Assemble the report of a review: one file per part, ``build`` puts them in order."""
