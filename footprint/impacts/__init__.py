"""From energy to what it does to nature: one indicator a file."""
