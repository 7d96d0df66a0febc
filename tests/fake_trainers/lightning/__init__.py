"""The part of lightning that a callback sees."""
