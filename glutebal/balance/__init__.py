"""Per-rep values become a statement with its uncertainty: pure mathematics."""
