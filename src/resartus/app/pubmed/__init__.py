"""A local PubMed: files in, queries answered."""
