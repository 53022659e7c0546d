"""How far can each report be trusted?"""
