"""Letters through an SMTP server."""
