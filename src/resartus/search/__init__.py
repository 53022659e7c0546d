"""Which records answer a query?"""
