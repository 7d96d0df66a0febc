"""The team's dashboard: pages, made of components, made of figures."""
