"""The same services without a window: typer, no Qt."""
