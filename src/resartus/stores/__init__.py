"""Where a review is kept."""
