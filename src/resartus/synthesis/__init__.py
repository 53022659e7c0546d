"""What does it add up to?"""
