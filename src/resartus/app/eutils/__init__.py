"""A PubMed of one's own, behind the interface of NCBI's E-utilities."""
