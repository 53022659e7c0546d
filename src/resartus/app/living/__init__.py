"""Keep a review alive: search again, say what changed, watch."""
