"""One module per step of a review."""
