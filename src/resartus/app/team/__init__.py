"""A team on one server: accounts, memberships, reviews, background work."""
