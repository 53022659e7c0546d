"""Why studies differ, and what each of them does to the pooled effect."""
