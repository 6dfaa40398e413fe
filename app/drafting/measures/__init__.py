"""What a note is worth, in figures: for `stethoscribe evaluate`. Pure; any thread."""
