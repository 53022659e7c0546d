"""Everything the app does, as versioned JSON for programs."""
