"""Citation files, in and out."""
