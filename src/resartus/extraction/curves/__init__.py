"""Patient data from a published Kaplan-Meier figure: points, numbers at risk, reconstruction."""
