"""Frozen records between the steps: NamedTuples, since a measured job loads them."""
