"""What other factors would change: between two catalogues row by row, and in twenty reference runs."""
