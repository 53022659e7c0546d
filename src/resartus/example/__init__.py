"""The worked example: the founding review's evidence, bundled."""
