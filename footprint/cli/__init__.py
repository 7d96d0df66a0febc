"""The command ``footprint``: one verb a file, loaded by name."""
