"""Values proposed by rules or by a model, each with its words, for a person to accept or not."""
