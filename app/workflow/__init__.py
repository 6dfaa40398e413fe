"""What the product does, step by step: decides and delegates, never blocks."""
