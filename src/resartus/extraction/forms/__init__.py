"""Extraction forms as data: fields, groups, conditions, versions, previews, workbooks."""
