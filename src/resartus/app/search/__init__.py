"""Searching as a person does it: run, replay, compare, check, describe."""
