"""NCBI's E-utilities, answered from a collection of one's own."""
