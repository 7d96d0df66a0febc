"""What can be read on a machine: one source a file."""
