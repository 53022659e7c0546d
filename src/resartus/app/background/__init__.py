"""Work that takes a while: what there is, and the line in which one person's server does it."""
