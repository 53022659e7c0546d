# R's answers for test_proportion_subgroups.py: rma.glmm by group, and the groups against each other.
# Run from this folder: Rscript proportion_subgroups.R > proportion_subgroups.json
suppressMessages(library(metafor))

json <- function(x, name = NULL) {
  head <- if (is.null(name)) "" else paste0('"', name, '": ')
  body <- if (is.list(x)) {
    paste0("{", paste(mapply(json, x, names(x)), collapse = ", "), "}")
  } else {
    one <- if (is.character(x)) paste0('"', x, '"') else sapply(x, format, digits = 15)
    if (length(x) > 1) paste0("[", paste(one, collapse = ", "), "]") else one
  }
  paste0(head, body)
}

answer <- function(xi, ni, group) {
  names <- sort(unique(group))
  fits <- lapply(names, function(g) {
    at <- group == g
    rma.glmm(measure = "PLO", xi = xi[at], ni = ni[at])
  })
  logit <- sapply(fits, function(r) c(r$beta))
  se <- sapply(fits, function(r) r$se)
  # Independent meta-analyses compared, as metafor's pages have it: fixed effects of the estimates.
  between <- rma(yi = logit, sei = se, mods = ~ factor(names), method = "FE")
  whole <- rma.glmm(measure = "PLO", xi = xi, ni = ni)
  list(
    data = list(xi = xi, ni = ni, group = group),
    expected = list(
      names = names, logit = logit, se = se, tau2 = sapply(fits, function(r) r$tau2),
      low = sapply(fits, function(r) transf.ilogit(r$ci.lb)),
      high = sapply(fits, function(r) transf.ilogit(r$ci.ub)),
      QM = between$QM, QMp = between$QMp, df = between$m,
      whole_logit = c(whole$beta), whole_se = whole$se
    )
  )
}

d <- dat.debruin2009
zeros <- list(
  xi = c(0, 1, 0, 3, 2, 0, 9, 4, 12, 7, 1, 0, 0, 2, 1, 5),
  ni = c(14, 20, 8, 31, 22, 19, 30, 21, 33, 18, 40, 25, 17, 38, 29, 60),
  group = rep(c("a", "b", "c"), c(6, 4, 6))
)
made <- list(
  patients = answer(d$xi, d$ni, d$patients),
  ethnicity = answer(d$xi, d$ni, d$ethnicity),
  zeros = answer(zeros$xi, zeros$ni, zeros$group)
)
cat(json(
  list(
    about = "dat.debruin2009 of metadat (de Bruin M et al. Health Psychol 2009;28:739-751): adherent patients; and counts with zeros, made up",
    r_version = R.version.string,
    packages = list(
      metafor = as.character(packageVersion("metafor")), lme4 = as.character(packageVersion("lme4"))
    ),
    tolerance = 2e-4,
    cases = made
  )
), "\n")
