"""``resartus search`` and what follows a search."""
