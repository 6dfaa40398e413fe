"""Medical language without a model: tables and parsers."""
