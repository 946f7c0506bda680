"""Estimators/transformers (ETs): what ``train``, ``run``, ``predict``, ``register`` call. One file each."""
