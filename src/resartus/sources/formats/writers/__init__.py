"""One writer per format: records in, text out."""
