"""What the studies' effects add up to, by the plan, and how far the answer depends on it."""
