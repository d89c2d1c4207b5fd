"""Documents become an index: read, cut into passages, embedded, verified, published."""
