"""What a server says of its own work: its metrics page, which of its counters we want, how much they rose. Pure."""
