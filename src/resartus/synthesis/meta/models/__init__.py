"""Models that pool effects over studies, one equation a file."""
