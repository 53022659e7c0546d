"""The ``review.toml`` a new review begins with."""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = """\
# The protocol of this review. Edit it freely; it belongs under version control.
# 'resartus status' checks it and says what comes next.

title = "Title of the review"
question = "In whom, does what, compared with what, change which outcome?"
population = "Who"
intervention = "What is done"
comparator = "Instead of what, or none"
outcomes = ["Overall survival"]
authors = []
# times_zero = ["treatment", "diagnosis", "recurrence"]   # what survival is counted from
reviewers_per_stage = 1     # 2 for independent dual screening, extraction and appraisal
# extractors = 1            # who enter each value, where it differs from the line above
# appraisers = 1            # who appraise each study

# One table per search. Limits are part of the search: they are run and reported with it.
# [[search]]
# id = "pubmed"
# source = "pubmed"
# query = "liver neoplasms/secondary[majr] AND case reports[pt]"
# from_year = 1990
# to_year = 2011
# languages = ["eng"]

[[eligibility.include]]
name = "question"
text = "Answers the question"

# In order of rank: the first that applies is the reason in the flow diagram.
[[eligibility.exclude]]
name = "other question"
text = "Does not answer the question"

# [[form]]
# name = "mortality_n"
# label = "Operative deaths"
# kind = "integer"
# minimum = 0

# How records are judged; what stands here is what holds when it is left out.
# [screening]
# reviewers_title_abstract = 2
# reviewers_full_text = 2
# settled_by = "discussion"    # or "third person"

[analysis]
proportions = []            # counts to pool over the treated, such as "mortality_n"
level = 0.95
minimum_studies = 3
factors = []                # candidate criteria of selection, such as "disease extent"

# Which fields the report's tables show; left out, those that were filled in.
# [report]
# study_columns = ["n_total", "mortality_n"]
# patient_columns = ["age_years", "procedure"]

# One table per effect to pool; each line names a field of the form (see docs/synthesis.md).
# [[analysis.effect]]
# name = "Death within 30 days"
# measure = "RR"
# events_1 = "deaths_resected"
# total_1 = "n_resected"
# events_2 = "deaths_other"
# total_2 = "n_other"
"""
