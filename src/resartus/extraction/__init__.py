"""What do the papers say, study by study and patient by patient?"""
