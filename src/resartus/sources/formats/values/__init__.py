"""Names, dates, identifiers and other values as citation files spell them."""
