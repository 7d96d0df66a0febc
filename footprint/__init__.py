"""What your computing does to nature: measured, with its error, explained down to its source."""
