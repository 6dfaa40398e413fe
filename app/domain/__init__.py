"""What things are and which rules they keep: standard library only, frozen data, no I/O."""
