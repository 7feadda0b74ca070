"""Many patients: data frames in; tables, models, curves and agreement out, which print and plot themselves."""
