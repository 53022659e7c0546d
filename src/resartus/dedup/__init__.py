"""Which records are the same report, which reports the same study?"""
