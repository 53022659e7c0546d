"""What each study found, as one number with its variance."""
