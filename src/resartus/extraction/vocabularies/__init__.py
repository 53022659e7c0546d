"""Clinical vocabularies as versioned data; another disease brings its own pack."""
