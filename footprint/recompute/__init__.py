"""Working stored runs out again: from their readings, one by one, or from their energies, many at once."""
