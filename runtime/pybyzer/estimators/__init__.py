"""Estimators/transformers (ETs): what ``train``, ``run``, ``predict`` and ``register`` call. One file each."""
