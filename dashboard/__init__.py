"""The dashboard: pages, made of components, made of figures."""
