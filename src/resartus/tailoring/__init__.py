"""Whom does it help, and this patient?"""
