"""Pooling over studies."""
