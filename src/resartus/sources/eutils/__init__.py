"""NCBI's E-utilities: ask PubMed, fetch records, keep every reply."""
