"""One framework a file. Each is loaded by the user's import of it, never because a framework is installed."""
