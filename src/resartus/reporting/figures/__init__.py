"""Drawings as people in the field make them, as SVG and PNG, readable without colour."""
