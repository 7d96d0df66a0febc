"""Charts: data in, a Plotly figure as plain data out. Nothing is read here."""
