"""The runs, derived from their journals. SQLAlchemy is used only here and above."""
