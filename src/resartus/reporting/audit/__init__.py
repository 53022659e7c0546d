"""Does a report say what the standards ask, and does the written file hold what it should?"""
