"""Steps of extraction: curves, patients, forms, checks, two people's entries, suggestions."""
