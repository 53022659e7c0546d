"""Time to event."""
