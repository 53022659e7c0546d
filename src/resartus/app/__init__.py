"""The review as a person does it: one file per step."""
