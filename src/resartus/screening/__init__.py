"""Which records belong?"""
