"""Many patients: tables, regression, ROC, survival, agreement; data frames in, results that print and plot themselves out."""
