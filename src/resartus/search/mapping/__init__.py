"""Words to headings, journals and people: PubMed's automatic term mapping, as far as known."""
