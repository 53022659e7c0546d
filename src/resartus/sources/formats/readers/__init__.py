"""One reader per format: lines in, records and unread lines out."""
