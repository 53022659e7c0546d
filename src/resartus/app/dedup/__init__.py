"""Duplicates, related reports and patients in several papers: found, put to a person, judged."""
